import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** Health, readiness, stopping. */
export const HEALTH_DEFECTS: DefectTable = {
  health_constant: {
    what: 'health says that the database is well without asking it',
    incidentClass: 'a health page that is a page: the balancer keeps sending work to an instance that cannot do any',
    violates: 'recovery.postgres_stop.health_truthful',
    mustStayMet: ['recovery.postgres_stop.lost_writes', 'recovery.redis_stop.lost_writes', 'preflight.services.ready'],
    load: async () => (await import('../health-constant.ts')).HEALTH_CONSTANT,
  },
  health_cached: {
    what: 'what was well once, the database aside, is believed for two minutes',
    incidentClass: 'probes that are cached to spare a dependency, for longer than an outage lasts',
    violates: 'recovery.redis_stop.health_truthful',
    mustStayMet: ['recovery.postgres_stop.health_truthful', 'recovery.redis_stop.lost_writes', 'preflight.services.health'],
    together: ACROSS.storesAway,
    load: async () => (await import('../health-cached.ts')).HEALTH_CACHED,
  },
  ready_constant: {
    what: 'ready is answered also when the database is away',
    incidentClass: 'a readiness probe that only proves that the port is open',
    violates: 'preflight.services.ready_truthful',
    mustStayMet: ['preflight.services.health', 'preflight.migrations.head', 'recovery.postgres_stop.health_truthful'],
    load: async () => (await import('../ready-constant.ts')).READY_CONSTANT,
  },
  ready_before_migrations: {
    what: 'ready is answered as soon as the database is there, before its tables are',
    incidentClass: 'work that is sent to an instance whose migration still runs',
    violates: 'preflight.services.ready_order',
    mustStayMet: ['preflight.services.health', 'preflight.migrations.head', 'benchmark.success'],
    load: async () => (await import('../ready-before-migrations.ts')).READY_BEFORE_MIGRATIONS,
  },
  drain_drops_inflight: {
    what: 'on SIGTERM every connection is cut at once, with the requests that are being answered',
    incidentClass: 'errors with every deployment: a process that exits instead of draining',
    violates: 'recovery.gateway_term.drain',
    mustStayMet: ['preflight.services.ready', 'benchmark.success', 'recovery.postgres_stop.lost_writes'],
    load: async () => (await import('../drain-drops-inflight.ts')).DRAIN_DROPS_INFLIGHT,
  },
};
