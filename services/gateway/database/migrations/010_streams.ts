import type { Migration } from './migration.ts';

/** Everything that a message says about itself is kept with it. */
export const STREAMS: Migration = {
  version: '010_streams',
  up: `
    alter table agent_stream_messages
      add column workspace_id uuid not null default '00000000-0000-4000-8000-000000000001',
      add column priority int not null default 5,
      add column correlation_id text,
      add column sent_at timestamptz;`,
  down: `
    alter table agent_stream_messages
      drop column workspace_id, drop column priority, drop column correlation_id, drop column sent_at;`,
};
