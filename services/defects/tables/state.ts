import type { DefectTable } from '../defect.ts';

/** Agents, contexts, messages. */
export const STATE_DEFECTS: DefectTable = {
  illegal_transition_allowed: {
    what: 'an agent that is offline may move to any status',
    incidentClass: 'a status machine guarded in one place and written in another',
    violates: 'lifecycle.transitions.table',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.errors.no_5xx'],
    load: async () => (await import('../illegal-transition-allowed.ts')).ILLEGAL_TRANSITION_ALLOWED,
  },
  lost_update: {
    what: 'an append reads the number of messages, then writes to the place after them without a lock',
    incidentClass: 'read-modify-write: two writers take the same place, the second overwrites the first',
    violates: 'concurrency.register.lost_updates',
    mustStayMet: ['concurrency.agents.success', 'concurrency.agents.crosstalk'],
    load: async () => (await import('../lost-update.ts')).LOST_UPDATE,
  },
  ack_on_error: {
    what: 'an append is acknowledged although the database refused it',
    incidentClass: 'an error handler that logs and goes on to the success answer',
    violates: 'recovery.postgres_stop.lost_writes',
    mustStayMet: ['recovery.redis_stop.lost_writes', 'recovery.postgres_stop.health_truthful'],
    load: async () => (await import('../ack-on-error.ts')).ACK_ON_ERROR,
  },
};
