import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Engine, findEngine } from '../harness/environment/containers/engine.ts';
import { untilNothing } from './remains.ts';
import { bury, startVictim, type Victim } from './victim.ts';

const ARGS = ['validate', '--profile', 'quick', '--target', 'gate/targets/deaths.yaml', '--suite', 'preflight'];
const ENDS_WITHIN_MS = 120_000;

/** Most of the target is not bound: too little evidence for a decision. The compose file has the service use a superuser: violated. */
const EXIT_CODES: Readonly<Record<string, number>> = { containers: 40, compose: 30 };

let engine: Engine;
beforeAll(async () => {
  const search = await findEngine(process.env);
  if (search.engine === null) throw new Error(`no engine answers at ${search.address}`);
  engine = search.engine;
});

/** Everything that could be shared, as the engine tells it; images that are kept between runs may be. */
async function holdingsOf(victim: Victim): Promise<readonly string[]> {
  const containers = (await engine.docker.listContainers({ all: true })).filter((container) =>
    victim.words().some((word) => JSON.stringify(container).includes(word)),
  );
  const what = containers.flatMap(({ Id, Names, Ports, Mounts, NetworkSettings }) => [
    Id,
    ...Names,
    ...Ports.flatMap(({ PublicPort }) => (PublicPort === undefined ? [] : [`port ${String(PublicPort)}`])),
    ...Mounts.flatMap(({ Name, Source }) => [Name ?? '', Source]),
    ...Object.values(NetworkSettings.Networks).map(({ NetworkID }) => NetworkID),
  ]);
  // A container that is being made has no network yet.
  return what.filter((text) => text !== '');
}

/** Looks as long as both run; resolves with what each was ever seen to hold. */
async function watchBoth(pair: readonly Victim[]): Promise<readonly Set<string>[]> {
  const seen = pair.map(() => new Set<string>());
  while (pair.every(({ child }) => child.exitCode === null && child.signalCode === null)) {
    for (const [index, victim] of pair.entries()) {
      await victim.remember();
      for (const what of await holdingsOf(victim)) seen[index]?.add(what);
    }
    await delay(100);
  }
  return seen;
}

describe('two runs at once', () => {
  it.each([
    ['containers', 'containers'],
    ['compose', 'compose'],
    ['containers', 'compose'],
  ])('with %s and %s share nothing, end alike and leave nothing', async (...providers) => {
    const pair = await Promise.all(providers.map((provider) => startVictim({ args: [...ARGS, '--provider', provider], engine })));
    try {
      const [first = new Set<string>(), second = new Set<string>()] = await watchBoth(pair);
      const limit = delay(ENDS_WITHIN_MS, ['it did not end'], { ref: false });
      const codes = await Promise.race([Promise.all(pair.map(({ ended }) => ended)), limit]);
      expect(codes, pair.map((victim) => victim.output()).join('\n')).toEqual(providers.map((provider) => EXIT_CODES[provider]));
      expect([...first].filter((what) => second.has(what))).toEqual([]);
      // Three containers with an id, a name and a network each.
      expect(Math.min(first.size, second.size)).toBeGreaterThan(7);
      for (const victim of pair) expect(await untilNothing(() => victim.remains(), 5_000)).toEqual([]);
    } finally {
      await Promise.all(pair.map(bury));
    }
  });
});
