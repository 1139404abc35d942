import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { RUN_MARKER } from '../environment/index.ts';
import type { Environment, RunningService } from '../model/environment.ts';
import type { Measurement } from '../model/measurement.ts';
import { Journal } from './journal.ts';
import { NoiseGuard } from './noise-guard.ts';
import { criterionFixture, measurementFixture } from './testing.ts';

const strangers: number[] = [];

afterEach(() => {
  for (const pid of strangers.splice(0)) process.kill(pid, 'SIGKILL');
});

const MARKED = { ...process.env, [RUN_MARKER]: 'run-of-the-noise-guard-test' };

/** A process that is busy and no descendant of this one any more, but of a run of its own; it ends by itself in a minute. */
async function stranger(): Promise<number> {
  const busy = 'const end = Date.now() + 60_000; while (Date.now() < end);';
  const shell = spawn('sh', ['-c', '"$0" -e "$1" >/dev/null 2>&1 & echo $!', process.execPath, busy], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: MARKED,
  });
  const [text] = (await once(shell.stdout, 'data')) as [Buffer];
  const pid = Number(text.toString());
  strangers.push(pid);
  return pid;
}

/** An idle service of the same run. */
function idle(): number {
  const { pid = 0 } = spawn('sleep', ['60'], { stdio: 'ignore', env: MARKED });
  strangers.push(pid);
  return pid;
}

type Parts = Partial<Pick<RunningService, 'pid' | 'container'>>;

function environmentOf({ pid = null, container = null }: Parts, cpuMs: () => number = () => 0): Environment {
  const service = { name: 'gateway', kind: 'http', running: true, pid, container } as RunningService;
  return { services: new Map([['gateway', service]]), cannot: {}, reading: async () => ({ cpuMs: cpuMs() }) } as unknown as Environment;
}

const threshold = (value: number) => ({ op: '<' as const, value, unit: 'ms' as const, text: `< ${value}ms` });
const LIMITED = criterionFixture('benchmark.a.b', { kind: 'level', unit: 'ms', pass: threshold(1), nogo: { ...threshold(1), op: '>=' } });

/** Not good enough: before it is believed, the window under way is ended. */
const slow = (): Measurement => ({
  ...measurementFixture('benchmark.a.b', false),
  observation: { kind: 'level', unit: 'ms', samples: [1e9], worst: 'max' },
});

const guardOf = async (environment: Environment): Promise<NoiseGuard> => {
  const guard = new NoiseGuard({ journal: new Journal(0, () => {}), criteria: [LIMITED] });
  await guard.start(environment, tmpdir());
  return guard;
};

describe.runIf(existsSync('/proc/stat'))('NoiseGuard', () => {
  it('takes a process for noise unless it is known as part of the target or as its daemon', async () => {
    const pid = await stranger();
    await using asDaemon = await guardOf(environmentOf({ pid: idle() }));
    await using asTarget = await guardOf(environmentOf({ pid }));
    await using asNoise = await guardOf(environmentOf({ pid: process.pid }));
    await delay(2500);
    const [ours, daemons, others] = [asTarget, asDaemon, asNoise].map((guard) => guard.record()?.foreignCoresMean ?? Number.NaN);
    expect(others).toBeGreaterThan(ours ?? Number.NaN);
    expect(others).toBeGreaterThan(daemons ?? Number.NaN);
  });

  it('excuses nothing where the processes of the target are not known', async () => {
    await using guard = await guardOf(environmentOf({}));
    await guard.reviewed(slow());
    expect(guard.record()).toBeNull();
  });

  it('takes what a container uses off, and excuses nothing while that cannot be read', async () => {
    let cpuMs = 0;
    await using counted = await guardOf(environmentOf({ container: 'c1' }, () => (cpuMs += 1e6)));
    await using silent = await guardOf(
      environmentOf({ container: 'c1' }, () => {
        throw new Error('the engine does not answer');
      }),
    );
    await delay(300);
    await Promise.all([counted, silent].map((guard) => guard.reviewed(slow())));
    expect(counted.record()).toMatchObject({ foreignCoresMean: 0, foreignCoresPeak: 0, disturbedShare: 0 });
    expect(silent.record()).toBeNull();
  });

  it('puts the curve into the journal when the watch ends', async () => {
    const journal = new Journal(0, () => {});
    const guard = new NoiseGuard({ journal, criteria: [] });
    await guard.start(environmentOf({ pid: process.pid }), tmpdir());
    while (guard.record() === null) await delay(50);
    await guard[Symbol.asyncDispose]();
    expect(journal.recorded().series).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: 'noise.foreign_cores', unit: 'cores' })]),
    );
    expect(guard.record()?.timerLatenessP99Ms).toBeGreaterThanOrEqual(0);
  });
});
