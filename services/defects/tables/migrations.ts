import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';
import { SCHEMA_BY_HAND } from './schema.ts';

const NEAR = ['preflight.migrations.head', 'preflight.services.ready', 'database.isolation.matrix'];

/** Programs that migrate, and schemas that were changed beside them. */
export const MIGRATIONS_DEFECTS: DefectTable = {
  migrate_twice_fails: {
    what: 'the program that migrates fails when there is nothing left to migrate',
    incidentClass: 'a deployment that is stuck because the last one had already done the work',
    violates: 'database.migrations.rerun',
    mustStayMet: [...NEAR, 'database.migrations.up_empty'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../migrate-twice-fails.ts')).MIGRATE_TWICE_FAILS,
  },
  migrate_needs_hands: {
    what: 'the program that migrates asks for rows of a table that only its migrations make',
    incidentClass: 'a migration that rests on what somebody made by hand in every environment there was',
    violates: 'database.migrations.up_empty',
    mustStayMet: NEAR,
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../migrate-needs-hands.ts')).MIGRATE_NEEDS_HANDS,
  },
  down_forgets: {
    what: 'an index of the newest migration is not dropped when that is taken back',
    incidentClass: 'a rollback that was never tried: it leaves things behind, and the next deployment fails on them or makes them twice',
    violates: 'database.migrations.ladder',
    mustStayMet: [...NEAR, 'database.migrations.up_empty'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../down-forgets.ts')).DOWN_FORGETS,
  },
  migration_locks: {
    what: 'the newest migration rewrites operations row by row under the strongest lock',
    incidentClass: 'a migration that was quick on the empty tables of a test and stops all work for minutes on those of production',
    violates: 'database.migrations.lock_stall',
    mustStayMet: [...NEAR, 'database.migrations.up_empty'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../migration-locks.ts')).MIGRATION_LOCKS,
  },
  hotfix_by_hand: {
    what: 'operations has an index and a column that no migration makes',
    incidentClass: 'a change made at night in production alone: the next environment does not have it, the next migration may fail on it',
    violates: 'database.schema.drift',
    mustStayMet: [...NEAR, 'preflight.schema.columns', 'database.schema.duplicate_index'],
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../hotfix-by-hand.ts')).HOTFIX_BY_HAND,
  },
  isolation_default: {
    what: 'the role of the service has read uncommitted as its default isolation level',
    incidentClass:
      'a setting that somebody gave the role to try something: code that names no level runs on another than it was written for',
    violates: 'database.isolation.level',
    mustStayMet: NEAR,
    together: ACROSS.migratingAndSearching,
    load: async () => (await import('../isolation-default.ts')).ISOLATION_DEFAULT,
  },
  index_twice: {
    what: 'there are two indexes on audit_logs (at)',
    incidentClass: 'the same slow query mended twice: every write pays for an index that nothing uses',
    violates: 'database.schema.duplicate_index',
    mustStayMet: NEAR,
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../index-twice.ts')).INDEX_TWICE,
  },
  index_invalid: {
    what: 'an index that was made concurrently failed on two equal values and is still there',
    incidentClass: 'CREATE INDEX CONCURRENTLY that was given up: writes keep the index up to date and no query may use it',
    violates: 'database.schema.invalid_index',
    mustStayMet: NEAR,
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../index-invalid.ts')).INDEX_INVALID,
  },
  table_without_key: {
    what: 'there is a table without a primary key',
    incidentClass: 'a table made for one import: nobody can name its rows, and a replica cannot follow an update of them',
    violates: 'database.schema.no_primary_key',
    mustStayMet: NEAR,
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../table-without-key.ts')).TABLE_WITHOUT_KEY,
  },
};
