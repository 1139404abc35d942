import { AGENT_STATUSES } from '../gateway/agents/status.ts';
import type { Seams } from '../gateway/seams.ts';

/** Opens one row of the table: from `offline` everywhere. */
export const ILLEGAL_TRANSITION_ALLOWED: Partial<Seams> = {
  transitions: (table) => ({ ...table, offline: AGENT_STATUSES.filter((status) => status !== 'offline') }),
};
