import type { Migration } from './migration.ts';

/** Only indexes: without this migration everything works, and some questions take longer with every row. */
export const LOOKUPS: Migration = {
  version: '013_lookups',
  up: `
    create index operations_by_workspace on operations (workspace_id, created_at);
    create index operations_by_status on operations (status) where status in ('idle', 'planning', 'executing', 'validating', 'escalating');
    create index outbox_published on outbox (published_at) where published_at is not null;
    create index outbox_by_delegation on outbox ((data ->> 'delegation_id'), seq) where topic = 'delegation_event';
    create index tasks_to_claim on tasks (workspace_id, priority desc, position) where status = 'pending';`,
  down: `drop index tasks_to_claim, outbox_by_delegation, outbox_published, operations_by_status, operations_by_workspace;`,
};
