import type { Expression, HttpTemplate } from '../target.ts';

/** Answers that are kept. */
export interface CacheBindings {
  /** A question whose answer is kept, and what ends that. Variables: `text`, `value` (what is written), `workspace`. */
  readonly cache?: CacheBinding;
}

export interface CacheBinding {
  readonly read: CachedRead;
  /** Once acknowledged, what `read` answered before it is out of date. */
  readonly write?: HttpTemplate;
  /** Tells the target to forget what it keeps for the question. */
  readonly invalidate?: HttpTemplate;
  /** How long an answer may be kept. */
  readonly ttlMs: number;
  /** How long after a write or an invalidation another instance may still serve what was before it. */
  readonly stalenessMs: number;
  /** Pattern of the keys in Redis under which answers are kept, with `${workspace}` in it. */
  readonly keys?: string;
  /** Services that answer `read` from the same store; the first is asked unless another is meant. */
  readonly instances: readonly string[];
}

/** At least one of `hit` and `value`, or an `id` by which the meter can be asked, is needed to tell a kept answer from one that was made. */
export interface CachedRead {
  readonly http: HttpTemplate;
  /** Holds when the answer says that it was kept. */
  readonly hit?: Expression;
  /** What `write` wrote last is in here: `${value}` of it. */
  readonly value?: Expression;
  /** What the meter knows the answer by. */
  readonly id?: Expression;
  /** How long (ms) it took to make the answer once it was not found in the cache, as the target says; several are added up. */
  readonly madeMs?: readonly Expression[];
}
