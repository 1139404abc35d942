import type { Migration } from './migration.ts';

/** What a workspace may spend, and what agents are labelled with: values that many change at once. */
export const BUDGETS: Migration = {
  version: '012_budgets',
  up: `
    create table budgets (
      id uuid primary key,
      workspace_id uuid not null references workspaces (id),
      name text not null,
      balance bigint not null check (balance >= 0),
      spent bigint not null default 0 check (spent >= 0),
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      unique (workspace_id, name)
    );
    alter table budgets enable row level security;
    alter table budgets force row level security;
    create policy one_workspace on budgets
      using (workspace_id = nullif(current_setting('app.workspace_id', true), '')::uuid);
    create table agent_labels (
      agent_id uuid not null references agent_instances (id) on delete cascade,
      label text not null,
      created_at timestamptz not null default now(),
      primary key (agent_id, label)
    );`,
  down: `drop table agent_labels, budgets;`,
};
