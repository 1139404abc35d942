import type { Heard, Invalidations } from './invalidations.ts';
import { LocalTier } from './local-tier.ts';
import { createOwed, type Owed } from './owed.ts';
import type { CachedAnswer, CacheSlot, KeyMatch, SharedCache, SharedRead } from './shared-cache.ts';

export { cacheKey, type CachedAnswer, type CacheSlot } from './shared-cache.ts';

export type CacheTier = 'none' | 'local' | 'shared';

/** When a look into the cache was: an answer made after it may be kept only if nothing was invalidated since. */
export interface AsOf {
  readonly epoch: number;
  /** null: Redis could not be asked. */
  readonly generation: string | null;
}

export interface CacheLookup {
  readonly tier: CacheTier;
  readonly answer: CachedAnswer | null;
  /** Redis could not be asked. */
  readonly degraded: boolean;
  readonly asOf: AsOf;
}

export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  readonly local_hits: number;
  readonly shared_hits: number;
  readonly evictions: number;
  readonly invalidations: number;
  readonly hit_rate: number;
  readonly backend: 'redis+local' | 'local';
}

export interface AnswerCache {
  /** Moves with every invalidation heard of here: work that began before must not be shared with who asks after. */
  readonly epoch: number;
  get(slot: CacheSlot): Promise<CacheLookup>;
  /** @returns whether both tiers took it, or must not. */
  set(slot: CacheSlot, answer: CachedAnswer, keep: { readonly asOf: AsOf; readonly ttlSeconds: number }): Promise<boolean>;
  /**
   * To be called after a write and before it is acknowledged: no answer of these patterns is served any more, here and from Redis;
   * other processes hear of it at once and drop theirs. @returns false when Redis is away: it is told as soon as it is back.
   */
  wrote(workspaceId: string, patterns: readonly string[]): Promise<boolean>;
  /** Removes one key, or all with the prefix, of the workspace, everywhere; returns how many. @throws when Redis is away. */
  invalidate(workspaceId: string, match: KeyMatch): Promise<number>;
  stats(): CacheStats;
}

export interface CacheDeps {
  readonly shared: SharedCache;
  readonly listen: (heard: Heard) => Invalidations;
  readonly isRedisThere: () => boolean;
  /** Calls back whenever Redis is there again, and now and then. */
  readonly onRedisBack: (settle: () => Promise<void>) => void;
}

/**
 * Local first, then Redis. Without Redis it goes on with the local tier and says so. The local tier is used only while invalidations
 * arrive, or while there is no Redis through which anybody could tell of one; after a gap it begins empty.
 */
export function createAnswerCache(deps: CacheDeps): AnswerCache {
  return new TwoTiers(deps);
}

class TwoTiers implements AnswerCache {
  readonly #local = new LocalTier();
  readonly #shared: SharedCache;
  readonly #isRedisThere: () => boolean;
  readonly #invalidations: Invalidations;
  readonly #owed: Owed;
  readonly #counters = { local_hits: 0, shared_hits: 0, misses: 0, invalidations: 0 };

  constructor({ shared, listen, isRedisThere, onRedisBack }: CacheDeps) {
    this.#shared = shared;
    this.#isRedisThere = isRedisThere;
    this.#invalidations = listen({
      announced: (invalidation) => void this.#local.drop(invalidation),
      caughtUp: () => void this.#local.drop(null),
    });
    this.#owed = createOwed((workspaceId, patterns) => this.#outdate(workspaceId, patterns));
    onRedisBack(() => this.#owed.settle());
  }

  get epoch(): number {
    return this.#local.epoch;
  }

  async get(slot: CacheSlot): Promise<CacheLookup> {
    const { epoch } = this;
    const isTrusted = this.#invalidations.isListening() || !this.#isRedisThere();
    const near = isTrusted ? this.#local.get(slot) : undefined;
    if (near === undefined) return this.#getShared(slot);
    this.#counters.local_hits++;
    return { tier: 'local', answer: near, degraded: !this.#isRedisThere(), asOf: { epoch, generation: null } };
  }

  async set(
    slot: CacheSlot,
    answer: CachedAnswer,
    { asOf: { epoch, generation }, ttlSeconds }: { readonly asOf: AsOf; readonly ttlSeconds: number },
  ): Promise<boolean> {
    if (epoch !== this.epoch) return true;
    this.#local.keep(slot, answer, { ttlMs: ttlSeconds * 1000, epoch });
    return generation !== null && succeeded(() => this.#shared.write(slot, answer, { generation, ttlSeconds }));
  }

  async wrote(workspaceId: string, patterns: readonly string[]): Promise<boolean> {
    this.#counters.invalidations += this.#local.drop({ workspace_id: workspaceId, patterns });
    const isTold = await succeeded(() => this.#outdate(workspaceId, patterns));
    if (!isTold) this.#owed.add(workspaceId, patterns);
    return isTold;
  }

  async invalidate(workspaceId: string, match: KeyMatch): Promise<number> {
    const invalidation = { workspace_id: workspaceId, ...match };
    const near = this.#local.drop(invalidation);
    const removed = Math.max(near, await this.#shared.remove(workspaceId, match));
    await this.#invalidations.announce(invalidation);
    this.#counters.invalidations += removed;
    return removed;
  }

  stats(): CacheStats {
    const { local_hits: localHits, shared_hits: sharedHits, misses, invalidations } = this.#counters;
    const hits = localHits + sharedHits;
    return {
      hits,
      misses,
      local_hits: localHits,
      shared_hits: sharedHits,
      evictions: this.#local.evictions,
      invalidations,
      hit_rate: hits + misses === 0 ? 0 : hits / (hits + misses),
      backend: this.#isRedisThere() ? 'redis+local' : 'local',
    };
  }

  async #getShared(slot: CacheSlot): Promise<CacheLookup> {
    const { epoch } = this;
    const found = await this.#readShared(slot);
    const asOf = { epoch, generation: found?.generation ?? null };
    if (found === null || found.answer === null) {
      this.#counters.misses++;
      return { tier: 'none', answer: null, degraded: found === null, asOf };
    }
    this.#counters.shared_hits++;
    this.#local.keep(slot, found.answer, { ttlMs: found.ttlMs, epoch });
    return { tier: 'shared', answer: found.answer, degraded: false, asOf };
  }

  /** null: not an error of the request; it is answered without the shared tier, and says that it was. */
  async #readShared(slot: CacheSlot): Promise<SharedRead | null> {
    try {
      if (this.#owed.has(slot.workspaceId, slot.pattern)) await this.#owed.settle();
      return await this.#shared.read(slot);
    } catch {
      // Redis is away, which health and the answer say.
      return null;
    }
  }

  async #outdate(workspaceId: string, patterns: readonly string[]): Promise<void> {
    await this.#shared.outdate(workspaceId, patterns);
    await this.#invalidations.announce({ workspace_id: workspaceId, patterns });
  }
}

async function succeeded(work: () => Promise<void>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch {
    // The caller says that the answer was made without the shared tier.
    return false;
  }
}
