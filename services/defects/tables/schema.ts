import type { DefectTable } from '../defect.ts';

/** Schema and migrations. */
export const SCHEMA_DEFECTS: DefectTable = {
  migration_skipped: {
    what: 'the last migration is not applied, yet the service says it is ready and at the head',
    incidentClass: 'a deployment that forgot a migration which only costs speed, noticed weeks later',
    violates: 'preflight.migrations.head',
    mustStayMet: ['preflight.services.ready', 'preflight.services.health', 'lifecycle.operations.end_state'],
    load: async () => (await import('../migration-skipped.ts')).MIGRATION_SKIPPED,
  },
};
