import type { Migration } from './migration.ts';

/** Tasks, workflows made of tasks, and commands, which are workflows with a name. */
export const WORKFLOWS: Migration = {
  version: '008_workflows',
  up: `
    create table tasks (
      id uuid primary key,
      position bigint generated always as identity,
      workspace_id uuid not null references workspaces (id),
      title text not null,
      status text not null default 'pending'
        check (status in ('pending', 'assigned', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled')),
      priority int not null check (priority between 1 and 10),
      required_capabilities text[] not null default '{}',
      max_retries int not null check (max_retries >= 0),
      retry_count int not null default 0 check (retry_count >= 0),
      agent_id uuid references agent_instances (id),
      result jsonb,
      error text,
      idempotency_key text,
      version int not null default 1,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz not null default now(),
      unique (workspace_id, idempotency_key)
    );
    create index tasks_by_status on tasks (status, priority desc, position);
    create index tasks_by_workspace on tasks (workspace_id, position);
    create index tasks_by_agent on tasks (agent_id);

    create table workflows (
      id uuid primary key,
      position bigint generated always as identity,
      workspace_id uuid not null references workspaces (id),
      name text not null,
      strategy text not null check (strategy in ('sequential', 'parallel', 'pipeline')),
      status text not null check (status in ('created', 'ready', 'running', 'paused', 'completed', 'failed', 'cancelled')),
      request jsonb not null,
      error text,
      idempotency_key text,
      version int not null default 1,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz not null default now(),
      unique (workspace_id, idempotency_key)
    );
    create index workflows_by_workspace on workflows (workspace_id, position);
    create index workflows_open on workflows (status, position) where status in ('ready', 'running');
    create table workflow_tasks (
      workflow_id uuid not null references workflows (id) on delete cascade,
      position int not null,
      id text not null,
      name text not null,
      capability text not null,
      depends_on text[] not null,
      work_ms int not null check (work_ms between 0 and 10000),
      status text not null default 'pending'
        check (status in ('pending', 'running', 'completed', 'failed', 'skipped', 'cancelled')),
      attempts int not null default 0,
      lease_until timestamptz,
      result jsonb,
      error text,
      started_at timestamptz,
      finished_at timestamptz,
      primary key (workflow_id, id),
      unique (workflow_id, position)
    );
    create index workflow_tasks_open on workflow_tasks (workflow_id, position) where status in ('pending', 'running');

    create table commands (
      id uuid primary key,
      position bigint generated always as identity,
      workspace_id uuid not null references workspaces (id),
      name text not null,
      version int not null check (version > 0),
      strategy text not null,
      steps jsonb not null,
      requires_approval boolean not null,
      created_at timestamptz not null default now(),
      unique (workspace_id, name, version)
    );
    create index commands_by_position on commands (workspace_id, position);
    create table command_executions (
      id uuid primary key,
      workspace_id uuid not null references workspaces (id),
      command_id uuid not null references commands (id),
      workflow_id uuid not null unique references workflows (id),
      approval text not null check (approval in ('not_required', 'waiting', 'approved', 'rejected')),
      requested_by text not null,
      decided_by text,
      decided_at timestamptz,
      idempotency_key text,
      created_at timestamptz not null default now(),
      unique (workspace_id, idempotency_key)
    );
    create index command_executions_by_command on command_executions (command_id);`,
  down: `drop table command_executions, commands, workflow_tasks, workflows, tasks;`,
};
