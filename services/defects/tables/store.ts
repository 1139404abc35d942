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
  pool_leak: {
    what: 'a transaction that is rolled back keeps its connection, up to eight of them',
    incidentClass: 'a connection that is released on the way out of success only: the pool is empty after a bad day',
    violates: 'concurrency.pool.leak',
    mustStayMet: ['database.deadlocks.count', 'database.transactions.idle_in_transaction', 'lifecycle.transitions.table'],
    load: async () => (await import('../pool-leak.ts')).POOL_LEAK,
  },
  superuser_role: {
    what: 'the service connects as a superuser',
    incidentClass: 'the credentials of the operator in the settings of the service; row level security holds no superuser',
    violates: 'preflight.postgres.role',
    mustStayMet: ['preflight.services.ready', 'preflight.migrations.head', 'lifecycle.transitions.table'],
    needs: 'MUSTER_DEFECT_DATABASE_URL',
    load: async () => (await import('../superuser-role.ts')).SUPERUSER_ROLE,
  },
  set_config_leak: {
    what: 'the workspace of a request stays set on the pooled connection after it',
    incidentClass: 'a session setting behind a pool: the next request on the connection starts as somebody else',
    violates: 'database.tenants.session_leak',
    mustStayMet: ['concurrency.agents.crosstalk', 'database.deadlocks.count', 'lifecycle.errors.no_5xx'],
    load: async () => (await import('../set-config-leak.ts')).SET_CONFIG_LEAK,
  },
};
