import type { Migration } from './migration.ts';

/** Events may be about a task. */
export const EVENTS: Migration = {
  version: '005_events',
  up: `
    alter table outbox add column task_id uuid;
    create index outbox_by_task on outbox (task_id) where task_id is not null;`,
  down: `alter table outbox drop column task_id;`,
};
