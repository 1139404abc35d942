import type { Redis } from 'ioredis';
import { repeat } from '../../shared/repeat.ts';
import { Bucket, type BucketLimits } from './bucket.ts';

export interface RateLimiter {
  /** 0 when the request may go on, otherwise the milliseconds to wait. Waits for nothing itself. */
  take(scope: string): number;
  stop(): Promise<void>;
}

const SHARE_EVERY_MS = 100;
/** Addresses and keys that are told apart; above it they share one bucket until some are idle. */
const MAX_SCOPES = 10_000;
const SWEEP_FROM = 1000;
const SHARED_PER_ROUND = 500;
const CROWD = 'crowd';

/** Takes from each bucket what one instance let through, and says what is left. A bucket in debt stops everybody until it is paid. */
const SHARE = `
  local perSecond, burst, ttl = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  local left = {}
  for i, key in ipairs(KEYS) do
    local state = redis.call('HMGET', key, 'tokens', 'at')
    local tokens, at = tonumber(state[1]) or burst, tonumber(state[2]) or now
    tokens = math.min(burst, tokens + (now - at) * perSecond / 1000) - tonumber(ARGV[i + 3])
    tokens = math.max(tokens, -burst)
    redis.call('HSET', key, 'tokens', tostring(tokens), 'at', now)
    redis.call('PEXPIRE', key, ttl)
    left[i] = tostring(tokens)
  end
  return left`;

/**
 * One token bucket per scope, in memory, brought in line over Redis (`rl:{scope}`) ten times a second: a request never waits for
 * Redis, and all instances together overshoot by what arrives in a tenth of a second, which is then paid back. While Redis is away
 * each instance limits by itself.
 */
export function createRateLimiter(redis: Redis, limits: BucketLimits, onError: (error: unknown) => void): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const share = async (): Promise<void> => {
    const nowMs = performance.now();
    if (buckets.size > SWEEP_FROM) sweep(buckets, nowMs);
    const dirty = [...buckets].filter(([, bucket]) => bucket.untold > 0).slice(0, SHARED_PER_ROUND);
    if (dirty.length > 0) await shareAll(redis, limits, dirty);
  };
  const repeater = repeat(share, SHARE_EVERY_MS, onError);
  return {
    take: (scope) => {
      const nowMs = performance.now();
      const name = buckets.has(scope) || buckets.size < MAX_SCOPES ? scope : CROWD;
      let bucket = buckets.get(name);
      if (bucket === undefined) {
        bucket = new Bucket(limits, nowMs);
        buckets.set(name, bucket);
        repeater.wake();
      }
      return bucket.take(nowMs);
    },
    stop: () => repeater.stop(),
  };
}

async function shareAll(redis: Redis, limits: BucketLimits, dirty: readonly (readonly [string, Bucket])[]): Promise<void> {
  const taken = dirty.map(([, bucket]) => bucket.untold);
  // Told, or forgiven: what is told twice would stop callers who did nothing.
  for (const [, bucket] of dirty) bucket.untold = 0;
  if (redis.status !== 'ready') return;
  const { perSecond, burst } = limits;
  const ttlMs = Math.ceil(((2 * burst) / perSecond) * 1000) + 1000;
  const keys = dirty.map(([scope]) => `rl:${scope}`);
  const left = (await redis.eval(SHARE, keys.length, ...keys, perSecond, burst, ttlMs, ...taken)) as readonly string[];
  const nowMs = performance.now();
  for (const [index, [, bucket]] of dirty.entries()) bucket.agree(Number(left[index]), nowMs);
}

function sweep(buckets: Map<string, Bucket>, nowMs: number): void {
  for (const [scope, bucket] of buckets) if (bucket.idle(nowMs)) buckets.delete(scope);
}
