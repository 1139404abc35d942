import type { Invalidation } from './invalidations.ts';
import { LocalCache } from './local-cache.ts';
import { isMatch, type CachedAnswer, type CacheSlot } from './shared-cache.ts';

const ENTRIES = 1000;
const TTL_MS = 60_000;

interface Kept {
  readonly slot: CacheSlot;
  readonly answer: CachedAnswer;
}

/** What this process keeps of the shared tier. */
export class LocalTier {
  readonly #kept = new LocalCache<Kept>(ENTRIES, TTL_MS);
  /** Moves with every invalidation. */
  epoch = 0;

  get evictions(): number {
    return this.#kept.evictions;
  }

  get({ key }: CacheSlot): CachedAnswer | undefined {
    return this.#kept.get(key)?.answer;
  }

  /** Not if anything was invalidated since the answer was read or begun. */
  keep(slot: CacheSlot, answer: CachedAnswer, { ttlMs, epoch }: { readonly ttlMs: number; readonly epoch: number }): void {
    if (epoch === this.epoch) this.#kept.set(slot.key, { slot, answer }, ttlMs);
  }

  /** @param invalidation null: everything. @returns how many answers went. */
  drop(invalidation: Invalidation | null): number {
    this.epoch++;
    return this.#kept.deleteWhere((_key, { slot }) => invalidation === null || concerns(invalidation, slot));
  }
}

function concerns(invalidation: Invalidation, { workspaceId, pattern, key }: CacheSlot): boolean {
  if (workspaceId !== invalidation.workspace_id) return false;
  if ('patterns' in invalidation) return invalidation.patterns.includes(pattern);
  return isMatch(workspaceId, invalidation, key);
}
