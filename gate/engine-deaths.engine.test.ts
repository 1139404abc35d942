import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Engine, findEngine } from '../harness/environment/containers/engine.ts';
import { seededRandom } from '../harness/load/index.ts';
import { untilNothing } from './remains.ts';
import { bury, startVictim, type Victim } from './victim.ts';

/** How many runs are killed; the full proof is MUSTER_DEATHS=60, over the reference services. */
const DEATHS = process.env['MUSTER_DEATHS'];
const TARGET = DEATHS === undefined ? 'gate/targets/deaths.yaml' : 'targets/reference.yaml';
const SUITES = DEATHS === undefined ? ['--suite', 'preflight,concurrency'] : [];
const ARGS = ['validate', '--profile', 'quick', '--target', TARGET, ...SUITES];
const LATEST_MS = DEATHS === undefined ? 9_000 : 25_000;
/** What is promised is five seconds; a machine that runs other tests too may need more. */
const CLEAN_WITHIN_MS = DEATHS === undefined ? 10_000 : 5_000;
const ENDS_WITHIN_MS = DEATHS === undefined ? 120_000 : 300_000;
const random = seededRandom(20_261_122);

interface Kind {
  readonly strike: (victim: Victim) => Promise<unknown>;
  /** Nobody is left to clean: the next run does. */
  readonly sweeps: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  'kill -9 of the supervisor': { strike: async ({ child }) => child.kill('SIGKILL'), sweeps: false },
  'kill -9 of the suite runner': { strike: async (victim) => killPid(await victim.pidOf('suite runner')), sweeps: false },
  'kill -9 of watchdog and supervisor': {
    async strike(victim) {
      killPid(await victim.pidOf('watchdog'));
      victim.child.kill('SIGKILL');
    },
    sweeps: true,
  },
  SIGINT: { strike: async ({ child }) => child.kill('SIGINT'), sweeps: false },
  SIGTERM: { strike: async ({ child }) => child.kill('SIGTERM'), sweeps: false },
  'SIGINT twice': {
    async strike({ child }) {
      child.kill('SIGINT');
      await delay(random() * 1_500);
      child.kill('SIGINT');
    },
    sweeps: false,
  },
  'its output closed': { strike: async ({ child }) => [child.stdout?.destroy(), child.stderr?.destroy()], sweeps: false },
};

interface Death {
  readonly kind: string;
  readonly provider: string;
  readonly afterMs: number;
}

/** Every kind in turn; the provider changes with each death, and with each round the provider that a kind begins with. */
function deaths(): Death[] {
  const kinds = Object.keys(KINDS);
  const providers = DEATHS === undefined ? ['containers', 'compose'] : ['containers', 'compose', 'local'];
  return Array.from({ length: Number(DEATHS ?? kinds.length) }, (_, index) => ({
    kind: kinds[index % kinds.length] ?? '',
    provider: providers[index % providers.length] ?? '',
    afterMs: Math.round(300 + random() * LATEST_MS),
  }));
}

const table = new Map<string, { deaths: number; alive: number; left: number; slowestMs: number }>();
let engine: Engine;

beforeAll(async () => {
  const search = await findEngine(process.env);
  if (search.engine === null) throw new Error(`no engine answers at ${search.address}`);
  engine = search.engine;
});
afterAll(() => {
  const rows = [...table].map(
    ([name, { deaths: count, alive, left, slowestMs }]) =>
      `${name}: ${count} deaths (${alive} while running), ${left} left, ${slowestMs} ms`,
  );
  process.stdout.write(`${rows.toSorted().join('\n')}\n`);
});

describe('a run that uses a container engine', () => {
  it.each(deaths())(
    'leaves nothing after $kind ($provider, $afterMs ms)',
    async ({ kind, provider, afterMs }) => {
      const { strike, sweeps } = KINDS[kind] ?? { strike: () => Promise.resolve(), sweeps: false };
      const victim = await startVictim({ args: [...ARGS, '--provider', provider], engine });
      try {
        await Promise.race([delay(afterMs), victim.ended]);
        const alive = victim.child.exitCode === null;
        await victim.remember();
        await strike(victim);
        const limit = delay(ENDS_WITHIN_MS, 'it did not end', { ref: false });
        expect(await Promise.race([victim.ended, limit])).not.toBe('it did not end');
        const endedMs = performance.now();
        if (sweeps) await victim.sweep();
        const left = await untilNothing(() => victim.remains(), CLEAN_WITHIN_MS);
        note(`${provider}, ${kind}`, { alive, left: left.length, tookMs: performance.now() - endedMs });
        expect(left, victim.output()).toEqual([]);
      } finally {
        await bury(victim);
      }
    },
    400_000,
  );
});

function killPid(pid: number | null): void {
  if (pid !== null) process.kill(pid, 'SIGKILL');
}

function note(name: string, { alive, left, tookMs }: { readonly alive: boolean; readonly left: number; readonly tookMs: number }): void {
  const row = table.get(name) ?? { deaths: 0, alive: 0, left: 0, slowestMs: 0 };
  table.set(name, {
    deaths: row.deaths + 1,
    alive: row.alive + (alive ? 1 : 0),
    left: row.left + left,
    slowestMs: Math.max(row.slowestMs, Math.round(tookMs)),
  });
}
