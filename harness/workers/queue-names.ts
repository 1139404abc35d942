/** All that load workers and runs keep in Redis begins with this. */
export const QUEUE_PREFIX = 'muster:load';

/** Sorted set: workers by the moment (ms, Redis time) until which they are believed to live. */
export const WORKERS = `${QUEUE_PREFIX}:workers`;
/** Sorted set: runs that look for workers, likewise. */
export const RUNS = `${QUEUE_PREFIX}:runs`;
/** Both are gone so long after the last sign of life of anybody. */
export const INDEX_TTL_MS = 5_000;

/** A worker or a run renews itself every `PULSE_MS`, and is forgotten `LIFE_MS` after the last time. */
export const PULSE_MS = 500;
export const LIFE_MS = 4_000;
/** What a run that died keeps in Redis expires after this time. */
export const RUN_TTL_MS = 60_000;

export function workerKey(id: string): string {
  return `${QUEUE_PREFIX}:worker:${id}`;
}

/** A run's own keys, beside those of its queue; all begin with `muster:load:<run>:`. */
export function runKeys(run: string): { readonly open: string; readonly told: string; readonly said: string; readonly all: string } {
  const own = `${QUEUE_PREFIX}:${run}`;
  return { open: `${own}:open`, told: `${own}:told`, said: `${own}:said`, all: `${own}:*` };
}

/** What a worker says of itself to whoever looks for one. */
export interface Presence {
  readonly id: string;
  readonly name: string;
  readonly host: string;
  readonly pid: number;
  /** The run it has joined; null: it is free. */
  readonly run: string | null;
}
