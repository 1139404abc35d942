import type { Migration } from './migration.ts';

export const WORK: Migration = {
  version: '002_work',
  up: `
    create table token_ledger (
      id bigint generated always as identity primary key,
      op_id text not null,
      workspace_id uuid not null,
      kind text not null,
      prompt int not null check (prompt >= 0),
      completion int not null check (completion >= 0),
      source text not null,
      at timestamptz not null default now()
    );
    create table pattern_executions (
      id uuid primary key,
      workspace_id uuid not null,
      agent_id text,
      pattern text not null,
      type text not null,
      ms double precision not null,
      tokens int not null,
      baseline int not null,
      cache_tier text not null,
      created_at timestamptz not null default now()
    );
    create table operations (
      id text primary key,
      workspace_id uuid not null,
      type text not null,
      status text not null,
      priority int not null,
      parameters jsonb not null,
      metadata jsonb not null,
      deadline_at timestamptz not null,
      lease_until timestamptz not null,
      result jsonb,
      error text,
      confidence double precision,
      tokens int not null default 0,
      version int not null default 1,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz not null default now()
    );
    create index operations_open on operations (lease_until) where status in ('idle', 'planning', 'executing', 'validating');
    create table operation_steps (
      operation_id text not null references operations (id) on delete cascade,
      step int not null,
      worker text not null,
      action text not null,
      status text not null,
      result jsonb,
      confidence double precision,
      error text,
      execution_time_ms double precision,
      primary key (operation_id, step)
    );
    create table escalations (
      operation_id text primary key references operations (id) on delete cascade,
      reason text not null,
      confidence double precision not null,
      created_at timestamptz not null default now()
    );
    create table agent_stream_messages (
      message_id uuid primary key,
      agent text not null,
      stream text not null,
      stream_id text not null,
      from_agent text not null,
      type text not null,
      payload jsonb not null,
      processed_at timestamptz not null default now()
    );
    create index agent_stream_messages_by_agent on agent_stream_messages (agent, processed_at);`,
  down: `drop table agent_stream_messages, escalations, operation_steps, operations, pattern_executions, token_ledger;`,
};
