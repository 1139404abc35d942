import type { DefectTable } from '../defect.ts';

const UNDISTURBED = ['preflight.migrations.head', 'database.connections.peak'];
const WAITING = 'waiting in the database';
const ASKING = 'asking the database';

/** What is asked of the database, and who waits there for whom. */
export const QUERIES_DEFECTS: DefectTable = {
  long_transaction: {
    what: 'one transaction is read in for as long as the service runs',
    incidentClass: 'a snapshot that is kept for a report or an export: nothing that was deleted since can be cleaned up',
    violates: 'database.transactions.long',
    together: WAITING,
    mustStayMet: UNDISTURBED,
    load: async () => (await import('../long-transaction.ts')).LONG_TRANSACTION,
  },
  lock_held: {
    what: 'a job keeps the row of the newest agent locked while it works, step by step, for a second and a half',
    incidentClass: 'a job that locks first and works after it: all who write to the same row stand behind it',
    violates: 'database.transactions.lock_wait',
    together: WAITING,
    mustStayMet: [...UNDISTURBED, 'database.queries.temp'],
    load: async () => (await import('../lock-held.ts')).LOCK_HELD,
  },
  asked_bit_by_bit: {
    what: 'the list of agents asks for forty settings, one by one, however many agents there are',
    incidentClass: 'settings, rights and flags that are looked up where they are needed: each quick, all together half of the time',
    violates: 'database.queries.per_request',
    together: ASKING,
    mustStayMet: [...UNDISTURBED, 'database.queries.n_plus_one'],
    load: async () => (await import('../asked-bit-by-bit.ts')).ASKED_BIT_BY_BIT,
  },
  list_by_text: {
    what: 'the list of tasks compares the workspace as text, for which there is no index',
    incidentClass: 'a cast or a function around the column: the index is there, and every list reads the rows of all tenants',
    violates: 'database.queries.blocks_per_row',
    together: ASKING,
    mustStayMet: [...UNDISTURBED, 'database.queries.n_plus_one'],
    load: async () => (await import('../list-by-text.ts')).LIST_BY_TEXT,
  },
  slow_statement: {
    what: 'a statement of a second is asked before every fifth call of the model',
    incidentClass: 'a table that has grown: the statement was quick when it was written',
    violates: 'database.queries.slow',
    together: ASKING,
    mustStayMet: [...UNDISTURBED, 'database.transactions.long', 'database.transactions.lock_wait'],
    load: async () => (await import('../slow-statement.ts')).SLOW_STATEMENT,
  },
  sort_spills: {
    what: 'a report sorts more than its memory holds',
    incidentClass: 'a sort or a hash that no longer fits into work_mem: it goes through the disk from one day to the next',
    violates: 'database.queries.temp',
    together: ASKING,
    mustStayMet: [...UNDISTURBED, 'database.transactions.idle_in_transaction'],
    load: async () => (await import('../sort-spills.ts')).SORT_SPILLS,
  },
  serialization_surfaced: {
    what: 'every fifth append is made at repeatable read, and answered with an error when the database wants it repeated',
    incidentClass: 'an isolation level that was raised without a retry: the error of the database is the error of the user',
    violates: 'database.serialization.surfaced',
    together: ASKING,
    mustStayMet: [...UNDISTURBED, 'database.deadlocks.count', 'database.stream.lost'],
    load: async () => (await import('../serialization-surfaced.ts')).SERIALIZATION_SURFACED,
  },
};
