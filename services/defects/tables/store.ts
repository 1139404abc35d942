import type { DefectTable } from '../defect.ts';

/** Pool, roles, tenants. */
export const STORE_DEFECTS: DefectTable = {
  idle_in_transaction: {
    what: 'a transaction stays open while the model thinks',
    incidentClass: 'a transaction around a slow call: it holds locks and a connection, and vacuum cannot clean up',
    violates: 'database.transactions.idle_in_transaction',
    mustStayMet: ['database.deadlocks.count', 'database.connections.peak', 'database.stream.lost'],
    load: async () => (await import('../idle-in-transaction.ts')).IDLE_IN_TRANSACTION,
  },
};
