import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { memoryEndpoints } from './endpoints.ts';
import { createMemories, type Memories } from './memories.ts';
import { findNearest } from './search.ts';

export interface MemoriesFeature extends Feature {
  readonly memories: Memories;
}

export interface MemoriesParts {
  /** Awaited after a change of what a workspace remembers: answers made from memories may be wrong now. */
  readonly changed: (workspaceId: string) => Promise<void>;
}

/** Texts kept for later and found by nearness. */
export function memoriesFeature(core: Core, { changed }: MemoriesParts): MemoriesFeature {
  const { pool, audit, seams } = core;
  const memories = createMemories({ pool, audit, nearest: seams.nearest(findNearest, core), changed });
  return { memories, endpoints: memoryEndpoints(memories) };
}
