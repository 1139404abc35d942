import type { Pool, PoolClient } from 'pg';
import type { Metric } from './exposition.ts';
import { gauge, histogram } from './instruments.ts';

export interface PoolStats {
  readonly size: number;
  readonly max: number;
  readonly in_use: number;
  readonly idle: number;
  readonly waiting: number;
  /** Of the last 1024; null before the first. */
  readonly acquire_p95_ms: number | null;
  /** Most connections that were in use at once. */
  readonly max_seen: number;
}

export interface PoolMeter {
  stats(): PoolStats;
  readonly metrics: readonly Metric[];
}

const RECENT = 1024;
const BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2];

/** Times every wait for a connection of the pool, whether a statement or a transaction wanted it: both go through `connect`. */
export function meterPool(pool: Pool, max: number): PoolMeter {
  const waits = histogram({ name: 'gateway_pool_acquire_seconds', help: 'Time until a connection was there.' }, BOUNDS);
  const recentMs: number[] = [];
  let taken = 0;
  let maxSeen = 0;
  const inUse = (): number => pool.totalCount - pool.idleCount;
  onEachConnect(pool, (ms) => {
    recentMs[taken++ % RECENT] = ms;
    maxSeen = Math.max(maxSeen, inUse());
    waits.observe({}, ms / 1000);
  });
  const stats = (): PoolStats => ({
    size: pool.totalCount,
    max,
    in_use: inUse(),
    idle: pool.idleCount,
    waiting: pool.waitingCount,
    acquire_p95_ms: p95(recentMs),
    max_seen: maxSeen,
  });
  const reading = (name: 'size' | 'max' | 'in_use' | 'idle' | 'waiting' | 'max_seen', help: string): Metric =>
    gauge({ name: `gateway_pool_${name}`, help }, () => stats()[name]);
  return {
    stats,
    metrics: [
      waits,
      reading('size', 'Connections to Postgres.'),
      reading('max', 'Connections allowed.'),
      reading('in_use', 'Connections that somebody has.'),
      reading('idle', 'Connections that nobody has.'),
      reading('waiting', 'Callers that wait for a connection.'),
      reading('max_seen', 'Most connections in use at once since the start.'),
    ],
  };
}

type Taken = (error: Error | undefined, client: PoolClient | undefined, done: (release?: boolean | Error) => void) => void;

function onEachConnect(pool: Pool, taken: (ms: number) => void): void {
  const connect = pool.connect.bind(pool) as { (): Promise<PoolClient>; (callback: Taken): void };
  const timed = (callback?: Taken): Promise<PoolClient> | undefined => {
    const startedAtMs = performance.now();
    const ended = (): void => taken(performance.now() - startedAtMs);
    if (callback === undefined) {
      return connect().then((client) => {
        ended();
        return client;
      });
    }
    connect((error, client, done) => {
      if (client !== undefined) ended();
      callback(error, client, done);
    });
    return undefined;
  };
  pool.connect = timed as Pool['connect'];
}

export function p95(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(sorted.length * 0.95) - 1)];
  return value === undefined ? null : Math.round(value * 1000) / 1000;
}
