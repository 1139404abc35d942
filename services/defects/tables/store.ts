import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** Pool, roles, tenants. */
export const STORE_DEFECTS: DefectTable = {
  idle_in_transaction: {
    what: 'a transaction stays open while the model thinks',
    incidentClass: 'a transaction around a slow call: it holds locks and a connection, and vacuum cannot clean up',
    violates: 'database.transactions.idle_in_transaction',
    together: 'waiting in the database',
    mustStayMet: ['database.connections.peak', 'database.stream.lost'],
    load: async () => (await import('../idle-in-transaction.ts')).IDLE_IN_TRANSACTION,
  },
  pool_leak: {
    what: 'a transaction that is rolled back keeps its connection, up to eight of them',
    incidentClass: 'a connection that is released on the way out of success only: the pool is empty after a bad day',
    violates: 'concurrency.pool.leak',
    mustStayMet: ['concurrency.agents.success', 'concurrency.register.lost_updates'],
    together: 'crowd',
    load: async () => (await import('../pool-leak.ts')).POOL_LEAK,
  },
  pool_waits_for_ever: {
    what: 'waits for a connection, a lock or a statement have no end',
    incidentClass: 'the defaults of a database driver: one stuck row, and every caller hangs with it',
    violates: 'concurrency.pool.saturation',
    mustStayMet: ['concurrency.agents.success', 'concurrency.register.lost_updates'],
    together: 'stuck',
    load: async () => (await import('../pool-waits-for-ever.ts')).POOL_WAITS_FOR_EVER,
  },
  agent_starved: {
    what: 'executions of agents whose name ends in 7 take 800 ms longer',
    incidentClass: 'work dealt out by name, and one of the places it is dealt to is slow: the average looks well',
    violates: 'concurrency.agents.fairness',
    mustStayMet: ['concurrency.agents.success', 'concurrency.agents.latency_mean'],
    together: 'crowd',
    load: async () => (await import('../agent-starved.ts')).AGENT_STARVED,
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
    what: 'a search sets its workspace for the session of one pooled connection, and reads on whichever is free',
    incidentClass: 'a session setting behind a pool: the next request on the connection starts as somebody else',
    violates: 'database.tenants.session_leak',
    mustStayMet: ['database.tenants.isolation', 'database.tenants.cache', 'database.deadlocks.count'],
    together: ACROSS.nothingDoneAndVectors,
    load: async () => (await import('../set-config-leak.ts')).SET_CONFIG_LEAK,
  },
  row_security_off: {
    what: 'row security of a table with contexts is switched off',
    incidentClass:
      'row security that was switched off for a repair, and never on again: every statement still names the tenant, until one does not',
    violates: 'database.tenants.rls_coverage',
    mustStayMet: ['database.tenants.isolation', 'database.tenants.cache', 'database.deadlocks.count'],
    together: ACROSS.nothingDoneAndVectors,
    load: async () => (await import('../row-security-off.ts')).ROW_SECURITY_OFF,
  },
  policy_open_without_tenant: {
    what: 'without a workspace the policy of the contexts holds for every row',
    incidentClass: 'a policy that fails open: made for a job that works for all tenants, found by a request that forgot its own',
    violates: 'database.tenants.rls_matrix',
    mustStayMet: ['database.tenants.rls_coverage', 'database.tenants.isolation', 'database.tenants.session_leak'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../policy-open-without-tenant.ts')).POLICY_OPEN_WITHOUT_TENANT,
  },
};
