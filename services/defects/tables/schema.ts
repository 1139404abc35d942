import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** Planted in one run: schemas that are not what they should be, and a program that cannot make them. */
export const SCHEMA_BY_HAND = 'schema_by_hand';

/** Schema, migrations, and what is done once: tasks and workflows. */
export const SCHEMA_DEFECTS: DefectTable = {
  migration_skipped: {
    what: 'the last migration is not applied, yet the service says it is ready and at the head',
    incidentClass: 'a deployment that forgot a migration which only costs speed, noticed weeks later',
    violates: 'preflight.migrations.head',
    mustStayMet: ['preflight.services.ready', 'preflight.services.health', 'lifecycle.operations.end_state'],
    load: async () => (await import('../migration-skipped.ts')).MIGRATION_SKIPPED,
  },
  enum_upper_case: {
    what: 'the labels of agent_status are upper-case in the database; the service translates both ways',
    incidentClass: 'a mapping layer that stores the names of an enumeration instead of its values: reports and other services find nothing',
    violates: 'preflight.schema.enums',
    mustStayMet: ['preflight.migrations.head', 'lifecycle.transitions.table', 'concurrency.register.lost_updates'],
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../enum-upper-case.ts')).ENUM_UPPER_CASE,
  },
  missing_column: {
    what: 'token_ledger has no column "at", although the migration that makes it is recorded as applied',
    incidentClass: 'a schema that was repaired by hand and differs from what its migrations say',
    violates: 'preflight.schema.columns',
    mustStayMet: ['preflight.migrations.head', 'efficiency.tokens.self_report', 'lifecycle.errors.no_5xx'],
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../missing-column.ts')).MISSING_COLUMN,
  },
  missing_fk_index: {
    what: 'the foreign key from tasks to agents has no index',
    incidentClass: 'an index dropped for an import and forgotten: deleting one agent reads every task',
    violates: 'database.schema.fk_index',
    mustStayMet: ['preflight.migrations.head', 'database.deadlocks.count', 'lifecycle.errors.no_5xx'],
    together: SCHEMA_BY_HAND,
    load: async () => (await import('../missing-fk-index.ts')).MISSING_FK_INDEX,
  },
  task_done_twice: {
    what: 'a claim looks for the next pending task and then takes it without asking whether it is still free',
    incidentClass: 'check, then act: two agents do the same work, and pay for it twice',
    violates: 'concurrency.tasks.once',
    mustStayMet: ['concurrency.agents.success', 'concurrency.register.lost_updates', 'lifecycle.errors.no_5xx'],
    together: ACROSS.checkedAndHandedOut,
    load: async () => (await import('../task-done-twice.ts')).TASK_DONE_TWICE,
  },
  workflow_cycle_accepted: {
    what: 'a workflow whose tasks wait for each other is accepted, and is running for ever',
    incidentClass: 'a walk over the dependencies that ends on a cycle without seeing it',
    violates: 'lifecycle.workflows.end_state',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.transitions.table', 'lifecycle.errors.no_5xx'],
    together: 'work',
    load: async () => (await import('../workflow-cycle-accepted.ts')).WORKFLOW_CYCLE_ACCEPTED,
  },
  retry_count_ignored: {
    what: 'a task that failed is pending again however often it was tried',
    incidentClass: 'a limit that is configured, counted and never compared: one poisoned task keeps an agent busy for ever',
    violates: 'lifecycle.tasks.retry',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.transitions.table', 'lifecycle.errors.no_5xx'],
    together: 'work',
    load: async () => (await import('../retry-count-ignored.ts')).RETRY_COUNT_IGNORED,
  },
};
