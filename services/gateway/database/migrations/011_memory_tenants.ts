import type { Migration } from './migration.ts';

/**
 * The database itself keeps workspaces apart, also from the owner of the table: without `app.workspace_id` no row is visible.
 * A memory knows who stored it, and the key with which a repeated request is recognised.
 */
export const MEMORY_TENANTS: Migration = {
  version: '011_memory_tenants',
  up: `
    do $$
    begin
      if to_regclass('memories') is not null then
        alter table memories add column owner text, add column idempotency_key text;
        alter table memories add constraint memories_by_key unique (workspace_id, idempotency_key);
        drop index memories_by_workspace;
        create index memories_by_workspace on memories (workspace_id, created_at);
        alter table memories enable row level security;
        alter table memories force row level security;
        create policy memories_of_workspace on memories
          using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);
      end if;
    end
    $$;`,
  down: `
    do $$
    begin
      if to_regclass('memories') is not null then
        drop policy memories_of_workspace on memories;
        alter table memories no force row level security;
        alter table memories disable row level security;
        drop index memories_by_workspace;
        create index memories_by_workspace on memories (workspace_id);
        alter table memories drop constraint memories_by_key;
        alter table memories drop column owner, drop column idempotency_key;
      end if;
    end
    $$;`,
};
