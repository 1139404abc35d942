import { AGENTS } from './001_agents.ts';
import { WORK } from './002_work.ts';
import { MEMORIES } from './003_memories.ts';
import { INDEXES } from './004_indexes.ts';
import { EVENTS } from './005_events.ts';
import { ACCESS } from './006_access.ts';
import type { Migration } from './migration.ts';

/** In the order in which they are applied; the last one is the head. */
export const MIGRATIONS: readonly Migration[] = [AGENTS, WORK, MEMORIES, INDEXES, EVENTS, ACCESS];
