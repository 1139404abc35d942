import { NotMeasured, type Observed } from '../../harness/index.ts';

/** What is known of one answer. */
export interface Look {
  /** What it says of itself; null: nothing. */
  readonly cacheHit: boolean | null;
  /** What the meter counted for it; null: there is none, or it was not asked. */
  readonly metered: number | null;
}

/** What Redis counted by itself meanwhile; others may have used it too. */
export interface RedisReads {
  readonly hits: number;
  readonly misses: number;
}

/**
 * The share of hits that two witnesses saw: the answer that says so, and the meter that counted nothing for it. Without a meter Redis is the
 * second witness: no more hits can come from it than it counted. A cache within a process never reaches Redis, so that fewer hits there than
 * claimed prove nothing.
 * @param redis null: the target has none that can be asked.
 * @throws NotMeasured when there is no second witness, or none that could have seen the hits.
 */
export function hitRate(looks: readonly Look[], redis: RedisReads | null): Observed {
  if (looks.some(({ cacheHit }) => cacheHit === null)) throw new NotMeasured('the answers do not say whether they come from the cache');
  const claimed = looks.filter(({ cacheHit }) => cacheHit === true);
  const free = claimed.filter(({ metered }) => metered === 0);
  const isMetered = looks.every(({ metered }) => metered !== null);
  if (!isMetered) requireRedis(claimed.length, redis);
  return {
    observation: { kind: 'ratio', successes: isMetered ? free.length : claimed.length, trials: looks.length },
    witnesses: [
      { source: 'responses', saw: `${claimed.length} of ${looks.length} answers said they come from the cache` },
      ...(isMetered ? [{ source: 'meter', saw: `${free.length} of these ${claimed.length} cost no token` }] : []),
      ...(redis === null
        ? []
        : [{ source: 'redis', saw: `${redis.hits} keyspace hits and ${redis.misses} misses of everybody meanwhile` }]),
    ],
  };
}

/** The first time that a text is asked nothing can come from the cache. */
export function bestHitRate(texts: number, requests: number): number {
  return 1 - texts / requests;
}

/** Requests per agent at least: who is among the first may find the cache cold with everybody else, and those must be few of all. */
const TURNS = 10;

/** How many requests all agents make together, and how many of them are under way at once. */
export function crowdOf({ agents, atLeast }: { readonly agents: number; readonly atLeast: number }): {
  readonly requests: number;
  readonly width: number;
} {
  return { requests: Math.max(atLeast, agents * TURNS), width: agents };
}

function requireRedis(claimed: number, redis: RedisReads | null): void {
  if (redis === null)
    throw new NotMeasured('only the answers say that they come from the cache: no binding `meter`, and no Redis that can be asked');
  if (redis.hits < claimed)
    throw new NotMeasured(
      `${claimed} answers said they come from the cache, Redis saw ${redis.hits} hits: no binding \`meter\` to tell a cache elsewhere from a false claim`,
    );
}
