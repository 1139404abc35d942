import type { Migration } from './migration.ts';

/**
 * What agents remember, version by version. The policies hold for the owner of the tables too; the setting is empty, not null, on
 * a connection that had it in an earlier transaction.
 */
export const CONTEXTS: Migration = {
  version: '007_contexts',
  up: `
    create table agent_contexts (
      id uuid primary key,
      workspace_id uuid not null references workspaces (id),
      instance_id uuid not null references agent_instances (id) on delete cascade,
      name text not null,
      -- The newest version; 0 only within the transaction that writes the first one.
      version int not null default 0,
      created_at timestamptz not null default now(),
      unique (instance_id, name),
      unique (workspace_id, id)
    );
    create table agent_context_versions (
      workspace_id uuid not null,
      context_id uuid not null,
      version int not null check (version > 0),
      data jsonb not null,
      change_description text,
      created_by text not null,
      idempotency_key text,
      created_at timestamptz not null default now(),
      primary key (context_id, version),
      unique (context_id, idempotency_key),
      foreign key (workspace_id, context_id) references agent_contexts (workspace_id, id) on delete cascade
    );
    create index agent_context_versions_by_workspace on agent_context_versions (workspace_id, context_id);
    alter table agent_contexts enable row level security;
    alter table agent_contexts force row level security;
    create policy one_workspace on agent_contexts
      using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);
    alter table agent_context_versions enable row level security;
    alter table agent_context_versions force row level security;
    create policy one_workspace on agent_context_versions
      using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);`,
  down: `drop table agent_context_versions, agent_contexts;`,
};
