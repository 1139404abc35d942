import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findEngine } from '../harness/environment/containers/engine.ts';
import { untilNothing } from './remains.ts';
import { type SecondEngine, startSecondEngine } from './second-engine.ts';
import { bury, startVictim, type Victim } from './victim.ts';

const IMAGE = 'muster/node:20';
const ENDS_WITHIN_MS = 60_000;

let second: SecondEngine;
beforeAll(async () => {
  const { engine } = await findEngine(process.env);
  if (engine === null) throw new Error('no container engine answers; run this where one does');
  second = await startSecondEngine(engine, [IMAGE]);
});
beforeEach(() => second.start());
afterAll(() => second[Symbol.asyncDispose]());

function start(): Promise<Victim> {
  const args = ['validate', '--profile', 'quick', '--target', 'gate/targets/one-container.yaml', '--provider', 'containers'];
  return startVictim({ args, env: { DOCKER_HOST: second.engine.address }, engine: second.engine, through: second.through });
}

/** Resolves when the run has a service that is ready. */
async function running(victim: Victim): Promise<void> {
  while (!victim.output().includes('services.ready')) {
    if (victim.child.exitCode !== null) throw new Error(`it ended before it was ready:\n${victim.output()}`);
    await delay(50);
  }
  await victim.remember();
}

async function exitOf(victim: Victim): Promise<number | null | string> {
  return await Promise.race([victim.ended, delay(ENDS_WITHIN_MS, 'it did not end', { ref: false })]);
}

describe('when the engine goes in the middle of a run', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s, the run ends as one whose environment was lost, and the next one cleans',
    async (signal) => {
      const victim = await start();
      try {
        await running(victim);
        await second.stop(signal);
        expect(await exitOf(victim), victim.output()).toBe(69);
        expect(victim.output()).not.toContain('violated:');
        expect(victim.output()).toContain(`the container engine at ${second.engine.address} stopped answering`);
        expect(victim.output().replaceAll(/\s+/gu, ' ')).toMatch(
          /does not answer \(E\w+\): containers, networks and volumes with the label muster\.run=\S+ may be left/u,
        );

        // The watchdog waits for an engine that may be restarting; this one is gone for longer.
        await delay(6_000);
        expect(await victim.sweep()).toMatch(/may be left; later runs look again until \S+ is deleted/u);
        expect(await victim.sweep()).toBe('');

        await second.start();
        expect(await victim.sweep()).toContain('removed container');
        expect(await untilNothing(() => victim.remains(), 1_000)).toEqual([]);
      } finally {
        await bury(victim);
      }
    },
  );

  it('and comes back while the watchdog is at it, nothing is left', async () => {
    const victim = await start();
    try {
      await running(victim);
      const stopped = second.stop('SIGKILL');
      victim.child.kill('SIGKILL');
      await Promise.all([stopped, victim.ended]);
      await delay(500);
      await second.start();
      expect(await untilNothing(() => victim.remains(), 10_000)).toEqual([]);
    } finally {
      await bury(victim);
    }
  });
});
