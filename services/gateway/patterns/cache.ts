import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';
import { LocalCache } from './local-cache.ts';

const LOCAL_ENTRIES = 1000;
const LOCAL_TTL_MS = 60_000;
const SCAN_COUNT = 500;

const cachedSchema = z.object({ text: z.string(), tokensBaseline: z.number() });
export type CachedAnswer = z.infer<typeof cachedSchema>;

export type CacheTier = 'none' | 'local' | 'shared';

export interface CacheLookup {
  readonly tier: CacheTier;
  readonly answer: CachedAnswer | null;
  /** Redis could not be asked. */
  readonly degraded: boolean;
}

export interface AnswerCache {
  get(key: string): Promise<CacheLookup>;
  /** @returns whether both tiers took it. */
  set(key: string, answer: CachedAnswer, ttlSeconds: number): Promise<boolean>;
  /** Removes one key, or all keys with the prefix, of the workspace; returns how many were in Redis or, when it is away, here. */
  invalidate(workspaceId: string, what: { readonly key?: string | undefined; readonly prefix?: string | undefined }): Promise<number>;
  stats(): Readonly<Record<string, number | string>>;
}

/** The tenant is part of every key: an answer never crosses workspaces. */
export function cacheKey(workspaceId: string, parts: readonly unknown[]): string {
  return `cache:exec:${workspaceId}:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** Local first, then Redis. Without Redis it goes on with the local tier and says so. */
export function createAnswerCache(redis: Redis): AnswerCache {
  const local = new LocalCache<CachedAnswer>(LOCAL_ENTRIES, LOCAL_TTL_MS);
  const counters = { local_hits: 0, shared_hits: 0, misses: 0, invalidations: 0 };
  return {
    get: async (key) => {
      const near = local.get(key);
      if (near !== undefined) {
        counters.local_hits++;
        return { tier: 'local', answer: near, degraded: false };
      }
      const shared = await readShared(redis, key);
      if (shared.answer === null) counters.misses++;
      else {
        counters.shared_hits++;
        local.set(key, shared.answer);
      }
      return shared;
    },
    set: async (key, answer, ttlSeconds) => {
      local.set(key, answer, ttlSeconds * 1000);
      return settled(redis.set(key, JSON.stringify(answer), 'EX', ttlSeconds));
    },
    invalidate: async (workspaceId, { key, prefix }) => {
      const scope = `cache:exec:${workspaceId}:`;
      const matches = (candidate: string): boolean =>
        candidate.startsWith(scope) && (candidate === key || (prefix !== undefined && candidate.startsWith(prefix)));
      const near = local.deleteWhere(matches);
      const removed = Math.max(near, await removeShared(redis, scope, matches));
      counters.invalidations += removed;
      return removed;
    },
    stats: () => statsOf(counters, local.evictions, redis.status === 'ready'),
  };
}

type Counters = Readonly<Record<'local_hits' | 'shared_hits' | 'misses' | 'invalidations', number>>;

function statsOf(counters: Counters, evictions: number, shared: boolean): Readonly<Record<string, number | string>> {
  const hits = counters.local_hits + counters.shared_hits;
  const asked = hits + counters.misses;
  return { ...counters, hits, evictions, hit_rate: asked === 0 ? 0 : hits / asked, backend: shared ? 'redis+local' : 'local' };
}

async function readShared(redis: Redis, key: string): Promise<CacheLookup> {
  let text: string | null;
  try {
    text = await redis.get(key);
  } catch {
    // Not an error of the request: it is answered without the shared tier, and says that it was.
    return { tier: 'none', answer: null, degraded: true };
  }
  if (text === null) return { tier: 'none', answer: null, degraded: false };
  const parsed = cachedSchema.safeParse(JSON.parse(text));
  return parsed.success ? { tier: 'shared', answer: parsed.data, degraded: false } : { tier: 'none', answer: null, degraded: false };
}

async function settled(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return true;
  } catch {
    // The local tier has it; the caller reports the degradation.
    return false;
  }
}

async function removeShared(redis: Redis, scope: string, matches: (key: string) => boolean): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${scope}*`, 'COUNT', SCAN_COUNT);
    const doomed = keys.filter(matches);
    if (doomed.length > 0) removed += await redis.unlink(doomed);
    cursor = next;
  } while (cursor !== '0');
  return removed;
}
