/** The harness's own role, a superuser. */
export const ADMIN_ROLE = 'muster_admin';

const CLUSTER_NAME_LIMIT = 63;

/** What a server calls itself; names its run. */
export function clusterName(runId: string): string {
  return `muster-${runId}`.slice(0, CLUSTER_NAME_LIMIT);
}

/** Over the socket, which only we may open, roles are trusted; over TCP they need their password. */
export const COMMON_INITDB_ARGS: readonly string[] = [
  `--username=${ADMIN_ROLE}`,
  '--auth-local=trust',
  '--auth-host=scram-sha-256',
  '--encoding=UTF8',
  '--no-locale',
];

/** Lines of postgresql.conf where pg_stat_statements is there. */
export const STATEMENT_SETTINGS: readonly string[] = [`shared_preload_libraries = 'pg_stat_statements'`, 'pg_stat_statements.track = all'];

/**
 * Lines of postgresql.conf for a server of ours, wherever it runs. In the file, not on the command line: faults change settings with
 * ALTER SYSTEM, which a command line would override.
 */
export const COMMON_SETTINGS: readonly string[] = [
  'max_connections = 100',
  // Durability is tested, so it is on.
  'fsync = on',
  'synchronous_commit = on',
  'full_page_writes = on',
  'compute_query_id = on',
  'track_io_timing = on',
  'log_lock_waits = on',
  'deadlock_timeout = 200ms',
  `log_line_prefix = '%m [%p] %u@%d '`,
  `timezone = 'UTC'`,
  `log_timezone = 'UTC'`,
];
