import { AS_IS, type Seams } from '../gateway/seams.ts';
import { SettingError } from '../shared/env.ts';
import type { Defect } from './defect.ts';

/** The catalogue: one row and one file per defect. */
export const DEFECTS: Readonly<Record<string, Defect>> = {
  migration_skipped: {
    what: 'the last migration is not applied, yet the service says it is ready and at the head',
    incidentClass: 'a deployment that forgot a migration which only costs speed, noticed weeks later',
    violates: 'preflight.migrations.head',
    mustStayMet: ['preflight.services.ready', 'preflight.services.health', 'lifecycle.operations.end_state'],
    load: async () => (await import('./migration-skipped.ts')).MIGRATION_SKIPPED,
  },
  illegal_transition_allowed: {
    what: 'an agent that is offline may move to any status',
    incidentClass: 'a status machine guarded in one place and written in another',
    violates: 'lifecycle.transitions.table',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.errors.no_5xx'],
    load: async () => (await import('./illegal-transition-allowed.ts')).ILLEGAL_TRANSITION_ALLOWED,
  },
  lost_update: {
    what: 'an append reads the number of messages, then writes to the place after them without a lock',
    incidentClass: 'read-modify-write: two writers take the same place, the second overwrites the first',
    violates: 'concurrency.register.lost_updates',
    mustStayMet: ['concurrency.agents.success', 'concurrency.agents.crosstalk'],
    load: async () => (await import('./lost-update.ts')).LOST_UPDATE,
  },
  ws_crosstalk: {
    what: 'answers of /ws/mcp go to the connection that used the request id last',
    incidentClass: 'pending requests of all connections kept in one table by request id: one tenant gets the answer of another',
    violates: 'websocket.mcp.crosstalk',
    mustStayMet: ['websocket.events.delivery', 'websocket.mcp.malformed'],
    load: async () => (await import('./ws-crosstalk.ts')).WS_CROSSTALK,
  },
  idle_in_transaction: {
    what: 'a transaction stays open while the model thinks',
    incidentClass: 'a transaction around a slow call: it holds locks and a connection, and vacuum cannot clean up',
    violates: 'database.transactions.idle_in_transaction',
    mustStayMet: ['database.deadlocks.count', 'database.connections.peak', 'database.stream.lost'],
    load: async () => (await import('./idle-in-transaction.ts')).IDLE_IN_TRANSACTION,
  },
  ack_on_error: {
    what: 'an append is acknowledged although the database refused it',
    incidentClass: 'an error handler that logs and goes on to the success answer',
    violates: 'recovery.postgres_stop.lost_writes',
    mustStayMet: ['recovery.redis_stop.lost_writes', 'recovery.postgres_stop.health_truthful'],
    load: async () => (await import('./ack-on-error.ts')).ACK_ON_ERROR,
  },
  tail_delay: {
    what: 'every 33rd execution takes 900 ms longer',
    incidentClass: 'a slow tail that averages and p95 do not show',
    violates: 'benchmark.latency_p99',
    mustStayMet: ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.success'],
    load: async () => (await import('./tail-delay.ts')).TAIL_DELAY,
  },
  tokens_off_by: {
    what: 'executions report 10 % fewer tokens than they used',
    incidentClass: 'usage that is estimated instead of read from the ledger',
    violates: 'efficiency.tokens.self_report',
    mustStayMet: ['efficiency.tokens.per_operation', 'efficiency.cache.hit_rate'],
    load: async () => (await import('./tokens-off-by.ts')).TOKENS_OFF_BY,
  },
};

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

/**
 * The seams with the named defects in them.
 * @throws SettingError for a name that is not in the catalogue, and for a service that others could reach.
 */
export async function plantDefects(names: readonly string[], host: string): Promise<Seams> {
  if (!LOOPBACK.has(host)) throw new SettingError(`MUSTER_DEFECTS is set, but HOST is ${host}: defects are planted on loopback only`);
  let seams = AS_IS;
  for (const name of names) {
    const defect = Object.hasOwn(DEFECTS, name) ? DEFECTS[name] : undefined;
    if (defect === undefined) throw new SettingError(`MUSTER_DEFECTS names "${name}"; known: ${Object.keys(DEFECTS).join(', ')}`);
    seams = { ...seams, ...(await defect.load()) };
  }
  return seams;
}
