import type { Migration } from './migration.ts';

export const AGENTS: Migration = {
  version: '001_agents',
  up: `
    create table workspaces (
      id uuid primary key,
      last_seq bigint not null default 0,
      created_at timestamptz not null default now()
    );
    create table projects (
      id uuid primary key,
      workspace_id uuid not null references workspaces (id),
      slug text not null,
      unique (workspace_id, slug),
      unique (workspace_id, id)
    );
    create table agent_definitions (
      id uuid primary key default gen_random_uuid(),
      slug text not null unique,
      title text not null,
      capabilities text[] not null
    );
    insert into agent_definitions (slug, title, capabilities) values
      ('assistant', 'Answers questions', '{answer}'),
      ('analyst', 'Summarises figures', '{summarise,compare}'),
      ('researcher', 'Collects sources', '{search,collect}'),
      ('reviewer', 'Checks the work of others', '{review}'),
      ('operator', 'Runs operations', '{operate}'),
      ('librarian', 'Keeps memories', '{remember,recall}');
    create type agent_status as enum ('idle', 'initializing', 'active', 'busy', 'error', 'offline');
    create table agent_instances (
      id uuid primary key,
      workspace_id uuid not null,
      project_id uuid not null,
      definition_id uuid not null references agent_definitions (id),
      name text not null,
      status agent_status not null default 'idle',
      config jsonb not null default '{}',
      message_count int not null default 0,
      version int not null default 1,
      last_heartbeat_at timestamptz,
      created_at timestamptz not null default now(),
      updated_at timestamptz not null default now(),
      foreign key (workspace_id, project_id) references projects (workspace_id, id)
    );
    create index agent_instances_by_project on agent_instances (workspace_id, project_id);
    create index agent_instances_by_definition on agent_instances (definition_id);
    create table agent_messages (
      id uuid primary key,
      agent_id uuid not null references agent_instances (id) on delete cascade,
      position int not null,
      direction text not null check (direction in ('inbound', 'outbound', 'system')),
      payload jsonb not null,
      correlation_id text,
      idempotency_key text,
      created_at timestamptz not null default now(),
      unique (agent_id, position),
      unique (agent_id, idempotency_key)
    );
    create index agent_messages_by_time on agent_messages (agent_id, created_at);
    create table outbox (
      id bigint generated always as identity primary key,
      event_id uuid not null default gen_random_uuid(),
      workspace_id uuid not null references workspaces (id),
      seq bigint not null,
      topic text not null,
      agent_id uuid,
      data jsonb not null,
      committed_at timestamptz not null default clock_timestamp(),
      published_at timestamptz,
      unique (workspace_id, seq)
    );
    create index outbox_unpublished on outbox (workspace_id, seq) where published_at is null;`,
  down: `
    drop table outbox, agent_messages, agent_instances, agent_definitions, projects, workspaces;
    drop type agent_status;`,
};
