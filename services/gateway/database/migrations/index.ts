import { AGENTS } from './001_agents.ts';
import { WORK } from './002_work.ts';
import { MEMORIES } from './003_memories.ts';
import { INDEXES } from './004_indexes.ts';
import { EVENTS } from './005_events.ts';
import { ACCESS } from './006_access.ts';
import { CONTEXTS } from './007_contexts.ts';
import { WORKFLOWS } from './008_workflows.ts';
import { DELEGATIONS } from './009_delegations.ts';
import { STREAMS } from './010_streams.ts';
import { MEMORY_TENANTS } from './011_memory_tenants.ts';
import { BUDGETS } from './012_budgets.ts';
import { LOOKUPS } from './013_lookups.ts';
import type { Migration } from './migration.ts';

/** In the order in which they are applied; the last one is the head. */
export const MIGRATIONS: readonly Migration[] = [
  AGENTS,
  WORK,
  MEMORIES,
  INDEXES,
  EVENTS,
  ACCESS,
  CONTEXTS,
  WORKFLOWS,
  DELEGATIONS,
  STREAMS,
  MEMORY_TENANTS,
  BUDGETS,
  LOOKUPS,
];
