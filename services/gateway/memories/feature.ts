import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createMemories, type Memories } from './memories.ts';
import { memoryRoutes } from './routes.ts';

export interface MemoriesFeature extends Feature {
  readonly memories: Memories;
}

/** Texts kept for later and found by nearness. */
export function memoriesFeature({ pool }: Core): MemoriesFeature {
  const memories = createMemories(pool);
  return { memories, routes: [{ base: '/api/v1', app: memoryRoutes(memories) }] };
}
