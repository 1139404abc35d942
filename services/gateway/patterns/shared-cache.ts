import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { z } from 'zod';

/** Where the answer to one question is kept. */
export interface CacheSlot {
  readonly workspaceId: string;
  readonly pattern: string;
  readonly key: string;
}

export interface CachedAnswer {
  readonly text: string;
  readonly tokensBaseline: number;
}

export interface SharedRead {
  readonly answer: CachedAnswer | null;
  /** How long the answer is still good. */
  readonly ttlMs: number;
  /** Of the pattern's answers in the workspace, at the time of reading: an answer that is made from now on belongs to it. */
  readonly generation: string;
}

export interface KeyMatch {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
}

/** The tier that all processes share. Every method throws when Redis is away. */
export interface SharedCache {
  read(slot: CacheSlot): Promise<SharedRead>;
  write(slot: CacheSlot, answer: CachedAnswer, keep: { readonly generation: string; readonly ttlSeconds: number }): Promise<void>;
  /** From now on no answer of these patterns is good, also none that is being made from what was before. */
  outdate(workspaceId: string, patterns: readonly string[]): Promise<void>;
  /** @returns how many there were. */
  remove(workspaceId: string, match: KeyMatch): Promise<number>;
}

const SCAN_COUNT = 500;
/** Far longer than any answer is kept: an answer of a generation that is forgotten does not exist any more. */
const GENERATION_TTL_S = 86_400;

const storedSchema = z.object({ text: z.string(), tokensBaseline: z.number(), generation: z.string() });

/** The tenant is part of every key: an answer never crosses workspaces. */
export function cacheKey(workspaceId: string, parts: readonly unknown[]): string {
  return `${scopeOf(workspaceId)}${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;
}

/** Whether the key is one of the workspace, and the one meant or one with the prefix. */
export function isMatch(workspaceId: string, { key, prefix }: KeyMatch, candidate: string): boolean {
  return candidate.startsWith(scopeOf(workspaceId)) && (candidate === key || (prefix !== undefined && candidate.startsWith(prefix)));
}

export function createSharedCache(redis: Redis): SharedCache {
  return {
    read: (slot) => read(redis, slot),
    write: async ({ key }, answer, { generation, ttlSeconds }) => {
      await redis.set(key, JSON.stringify({ ...answer, generation }), 'EX', ttlSeconds);
    },
    outdate: async (workspaceId, patterns) => {
      const transaction = redis.multi();
      for (const pattern of patterns) {
        const key = generationKey(workspaceId, pattern);
        transaction.incr(key).expire(key, GENERATION_TTL_S);
      }
      throwFirst(await transaction.exec());
    },
    remove: (workspaceId, match) => remove(redis, workspaceId, match),
  };
}

async function read(redis: Redis, { workspaceId, pattern, key }: CacheSlot): Promise<SharedRead> {
  const replies = throwFirst(await redis.pipeline().get(key).pttl(key).get(generationKey(workspaceId, pattern)).exec());
  const [text, ttlMs, current] = replies as readonly [string | null, number, string | null];
  const generation = current ?? '0';
  const stored = text === null ? null : (storedSchema.safeParse(JSON.parse(text)).data ?? null);
  if (stored === null || stored.generation !== generation) return { answer: null, ttlMs: 0, generation };
  return { answer: { text: stored.text, tokensBaseline: stored.tokensBaseline }, ttlMs: Math.max(0, ttlMs), generation };
}

async function remove(redis: Redis, workspaceId: string, match: KeyMatch): Promise<number> {
  if (match.key !== undefined) return isMatch(workspaceId, match, match.key) ? redis.unlink(match.key) : 0;
  let removed = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', `${scopeOf(workspaceId)}*`, 'COUNT', SCAN_COUNT);
    const doomed = keys.filter((key) => isMatch(workspaceId, match, key));
    if (doomed.length > 0) removed += await redis.unlink(doomed);
    cursor = next;
  } while (cursor !== '0');
  return removed;
}

function scopeOf(workspaceId: string): string {
  return `cache:exec:${workspaceId}:`;
}

function generationKey(workspaceId: string, pattern: string): string {
  return `cache:gen:${workspaceId}:${pattern}`;
}

/** The replies of a pipeline. @throws the first failure in it. */
function throwFirst(replies: readonly (readonly [Error | null, unknown])[] | null): readonly unknown[] {
  if (replies === null) throw new Error('Redis gave no answer');
  return replies.map(([error, reply]) => {
    if (error !== null) throw error;
    return reply;
  });
}
