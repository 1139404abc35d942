import { describe, expect, it } from 'vitest';
import { createAnswerCache, type CacheSlot } from './cache.ts';
import type { Heard, Invalidation } from './invalidations.ts';
import { createOwed } from './owed.ts';
import { isMatch, type CachedAnswer, type SharedCache } from './shared-cache.ts';

const SLOT: CacheSlot = { workspaceId: 'w', pattern: 'p', key: 'cache:exec:w:1' };
const ANSWER: CachedAnswer = { text: 'a', tokensBaseline: 1 };

/** A shared tier in memory that may be away, and a channel that may be silent. */
function setUp() {
  const redis = { isThere: true, isListening: true, generation: 0, back: async (): Promise<void> => undefined };
  const stored = new Map<string, { readonly answer: CachedAnswer; readonly generation: string }>();
  const announced: Invalidation[] = [];
  const heard: Heard[] = [];
  const reach = (): void => {
    if (!redis.isThere) throw new Error('Redis is away');
  };
  const shared: SharedCache = {
    read: async ({ key }) => {
      reach();
      const generation = String(redis.generation);
      const found = stored.get(key);
      return { answer: found?.generation === generation ? found.answer : null, ttlMs: 1000, generation };
    },
    write: async ({ key }, answer, { generation }) => {
      reach();
      stored.set(key, { answer, generation });
    },
    outdate: async () => {
      reach();
      redis.generation++;
    },
    remove: async (_, { key = '' }) => {
      reach();
      return stored.delete(key) ? 1 : 0;
    },
  };
  const cache = createAnswerCache({
    shared,
    listen: (listener) => {
      heard.push(listener);
      return {
        announce: async (invalidation) => void announced.push(invalidation),
        isListening: () => redis.isListening,
        stop: () => undefined,
      };
    },
    isRedisThere: () => redis.isThere,
    onRedisBack: (settle) => {
      redis.back = settle;
    },
  });
  const put = async (): Promise<boolean> => cache.set(SLOT, ANSWER, { asOf: (await cache.get(SLOT)).asOf, ttlSeconds: 60 });
  const tier = async (): Promise<string> => (await cache.get(SLOT)).tier;
  return { redis, cache, announced, heard, put, tier };
}

describe('the cache', () => {
  it('answers from the local tier, and from the shared one when the local one was emptied', async () => {
    const { cache, heard, put, tier } = setUp();
    expect(await put()).toBe(true);
    expect(await tier()).toBe('local');
    heard[0]?.caughtUp();
    expect([await tier(), await tier()]).toEqual(['shared', 'local']);
    expect(cache.stats()).toMatchObject({ hits: 3, misses: 1, local_hits: 2, shared_hits: 1, hit_rate: 0.75, backend: 'redis+local' });
  });

  it('does not trust the local tier while invalidations do not arrive', async () => {
    const { redis, put, tier } = setUp();
    await put();
    redis.isListening = false;
    expect(await tier()).toBe('shared');
  });

  it('goes on with the local tier without Redis, and says so', async () => {
    const { redis, cache, put } = setUp();
    await put();
    redis.isThere = false;
    redis.isListening = false;
    expect(await cache.get(SLOT)).toMatchObject({ tier: 'local', degraded: true });
    expect(await cache.get({ ...SLOT, key: 'cache:exec:w:2' })).toMatchObject({ tier: 'none', degraded: true });
    expect(cache.stats().backend).toBe('local');
  });

  it.each<[string, Invalidation | null, string]>([
    ['what it does not understand', null, 'shared'],
    ['its pattern', { workspace_id: 'w', patterns: ['p'] }, 'shared'],
    ['another pattern', { workspace_id: 'w', patterns: ['q'] }, 'local'],
    ['its key', { workspace_id: 'w', key: SLOT.key }, 'shared'],
    ['a prefix of its key', { workspace_id: 'w', prefix: 'cache:exec:w' }, 'shared'],
    ['another workspace', { workspace_id: 'v', prefix: 'cache:' }, 'local'],
  ])('drops what it has when it hears of %s', async (_, invalidation, expected) => {
    const { heard, put, tier } = setUp();
    await put();
    heard[0]?.announced(invalidation);
    expect(await tier()).toBe(expected);
  });

  it('serves nothing from before a write, here or from Redis, and tells the others', async () => {
    const { cache, announced, put, tier } = setUp();
    await put();
    expect(await cache.wrote('w', ['p'])).toBe(true);
    expect(await tier()).toBe('none');
    expect(announced).toEqual([{ workspace_id: 'w', patterns: ['p'] }]);
  });

  it('does not keep an answer that was begun before a write', async () => {
    const { redis, cache, heard, tier } = setUp();
    const { asOf } = await cache.get(SLOT);
    await cache.wrote('w', ['p']);
    await cache.set(SLOT, ANSWER, { asOf, ttlSeconds: 60 });
    expect(await tier()).toBe('none');
    // The same when another process wrote and its word has not come yet.
    const before = (await cache.get(SLOT)).asOf;
    redis.generation++;
    await cache.set(SLOT, ANSWER, { asOf: before, ttlSeconds: 60 });
    heard[0]?.announced({ workspace_id: 'w', patterns: ['p'] });
    expect(await tier()).toBe('none');
  });

  it('tells Redis of a write when it is back, before anything is read from there', async () => {
    const { redis, cache, announced, put, tier } = setUp();
    await put();
    redis.isThere = false;
    expect(await cache.wrote('w', ['p'])).toBe(false);
    redis.isThere = true;
    expect(await tier()).toBe('none');
    expect(announced).toHaveLength(1);
    await redis.back();
    expect(announced).toHaveLength(1);
  });

  it('removes a key everywhere', async () => {
    const { cache, announced, put, tier } = setUp();
    await put();
    expect(await cache.invalidate('w', { key: SLOT.key })).toBe(1);
    expect(await tier()).toBe('none');
    expect(announced).toEqual([{ workspace_id: 'w', key: SLOT.key }]);
    expect(cache.stats().invalidations).toBe(1);
  });
});

it('a match never leaves the workspace', () => {
  expect(isMatch('w', { prefix: 'cache:exec:' }, 'cache:exec:w:1')).toBe(true);
  expect(isMatch('w', { prefix: 'cache:exec:' }, 'cache:exec:v:1')).toBe(false);
  expect(isMatch('w', { key: 'cache:exec:v:1' }, 'cache:exec:v:1')).toBe(false);
});

it('what came to be owed while it was being settled stays owed', async () => {
  const owed = createOwed(async () => owed.add('w', ['q']));
  owed.add('w', ['p']);
  await owed.settle();
  expect(owed.has('w', 'q')).toBe(true);
});
