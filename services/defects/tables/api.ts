import type { DefectTable } from '../defect.ts';

const together = 'api';
const mustStayMet = ['lifecycle.errors.no_5xx', 'lifecycle.transitions.table', 'lifecycle.operations.end_state'] as const;

/** What the interface does, against what its document says. */
export const API_DEFECTS: DefectTable = {
  body_parsed_unguarded: {
    what: 'a delegation whose body is no JSON ends in a 500',
    incidentClass: 'input that is parsed outside the place where errors of input are caught',
    violates: 'lifecycle.api.no_5xx',
    mustStayMet,
    together,
    load: async () => (await import('../body-parsed-unguarded.ts')).BODY_PARSED_UNGUARDED,
  },
  answer_drifted: {
    what: 'the kinds of agent are answered with a property of another name than the document says',
    incidentClass: 'an interface that was changed without its document: every generated client breaks',
    violates: 'lifecycle.api.schema',
    mustStayMet,
    together,
    load: async () => (await import('../answer-drifted.ts')).ANSWER_DRIFTED,
  },
  method_not_looked_at: {
    what: 'a DELETE of the audit log, which can only be read, is answered with 200',
    incidentClass: 'a route registered for every method: a mistake of the caller looks like a success',
    violates: 'lifecycle.api.methods',
    mustStayMet,
    together,
    load: async () => (await import('../method-not-looked-at.ts')).METHOD_NOT_LOOKED_AT,
  },
  refused_but_written: {
    what: 'a task that is refused for its body is stored as a draft all the same',
    incidentClass: 'the first write comes before the last check, outside a transaction',
    violates: 'lifecycle.api.refused',
    mustStayMet,
    together,
    load: async () => (await import('../refused-but-written.ts')).REFUSED_BUT_WRITTEN,
  },
  guard_forgotten: {
    what: 'the audit log can be read without a key',
    incidentClass: 'one route registered before the guard that is around all others',
    violates: 'lifecycle.api.auth',
    mustStayMet,
    together,
    load: async () => (await import('../guard-forgotten.ts')).GUARD_FORGOTTEN,
  },
};
