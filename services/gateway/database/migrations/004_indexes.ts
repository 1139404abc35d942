import type { Migration } from './migration.ts';

export const INDEXES: Migration = {
  version: '004_indexes',
  up: `
    create index token_ledger_by_operation on token_ledger (op_id);
    create index pattern_executions_by_time on pattern_executions (workspace_id, created_at);
    create index escalations_by_time on escalations (created_at);`,
  down: `drop index escalations_by_time, pattern_executions_by_time, token_ledger_by_operation;`,
};
