import type { LoadPlan } from '../../load/index.ts';
import { targetWith, template, type Loopback } from '../../target/testing/loopback.ts';
import type { LoadTask } from '../load-task.ts';

/** A load of `execute` for tests: 100/s for two seconds. */
export function planFixture(changes: Partial<LoadPlan> = {}): LoadPlan {
  return {
    id: 'test.load',
    suite: 'test',
    label: 'a load for a test',
    shape: { kind: 'constant', perSecond: 100, durationMs: 2_000 },
    arrivals: 'even',
    seed: 1,
    agents: 4,
    mix: [{ operation: 'execute', weight: 1 }],
    warmupMs: 0,
    maxInFlight: 64,
    timeoutMs: 2_000,
    drainMs: 1_000,
    ...changes,
  };
}

/** What a task holds besides plan and shard, for a server that answers `POST /execute`. */
export function restFixture({ url }: Pick<Loopback, 'url'>): Omit<LoadTask, 'plan' | 'shard'> {
  return {
    target: targetWith({ execute: { http: template('POST /execute', { text: '${text}' }), outcome: { ok: 'ok' } } }),
    urls: { api: url },
    adminUrls: {},
    allowedHosts: [],
    calibrate: false,
  };
}
