import type { DefectTable } from '../defect.ts';

/** Audit and limits. */
export const GUARD_DEFECTS: DefectTable = {
  audit_gap: {
    what: 'a move of an agent to another status leaves no entry in the audit log',
    incidentClass: 'one path to a change forgets the trail that all others leave',
    violates: 'security.audit.complete',
    mustStayMet: ['lifecycle.transitions.table', 'lifecycle.errors.no_5xx', 'websocket.events.delivery'],
    load: async () => (await import('../audit-gap.ts')).AUDIT_GAP,
  },
  rate_limit_off: {
    what: 'requests are counted and nobody is ever refused',
    incidentClass: 'a limit in "report only" that was never switched on',
    violates: 'security.rate_limit.enforced',
    mustStayMet: ['benchmark.success', 'lifecycle.errors.no_5xx', 'concurrency.agents.success'],
    load: async () => (await import('../rate-limit-off.ts')).RATE_LIMIT_OFF,
  },
  auth_bypass: {
    what: 'a caller whose X-Forwarded-For names the own network needs no key',
    incidentClass: 'trust in a header that the caller writes',
    violates: 'security.auth.required',
    mustStayMet: ['benchmark.success', 'concurrency.agents.crosstalk', 'websocket.mcp.crosstalk'],
    load: async () => (await import('../auth-bypass.ts')).AUTH_BYPASS,
  },
  error_leak: {
    what: 'an answer about a failure inside shows the error of the database and the stack',
    incidentClass: 'the error page for developers in production',
    violates: 'security.errors.leak',
    mustStayMet: ['lifecycle.transitions.table', 'lifecycle.errors.no_5xx', 'recovery.postgres_stop.lost_writes'],
    load: async () => (await import('../error-leak.ts')).ERROR_LEAK,
  },
};
