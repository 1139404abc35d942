import type { Migration } from './migration.ts';

/** Delegations to experts; operations that can be sent twice, escalations that a person closes. */
export const DELEGATIONS: Migration = {
  version: '009_delegations',
  up: `
    alter table operations
      add column idempotency_key text,
      add column require_validation boolean not null default true,
      -- Tells a claim from one that ran out: only the last one may write.
      add column claims int not null default 0;
    alter table operations add unique (workspace_id, idempotency_key);
    alter table escalations
      add column decision text check (decision in ('approve', 'reject')),
      add column resolved_by text,
      add column resolved_at timestamptz;
    create index escalations_unresolved on escalations (created_at) where resolved_at is null;
    create table delegations (
      id uuid primary key,
      workspace_id uuid not null references workspaces (id),
      request text not null,
      user_id text not null,
      session_id text not null,
      idempotency_key text,
      decision jsonb not null,
      experts jsonb not null default '[]',
      status text not null check (status in ('pending', 'in_progress', 'completed', 'failed', 'cancelled', 'timeout')),
      result jsonb,
      error text,
      -- Of the workspace, before the first event of the delegation: from there a late watcher is served.
      first_seq bigint not null,
      frames int not null default 0,
      progress int not null default 0,
      deadline_at timestamptz not null,
      lease_until timestamptz not null,
      version int not null default 1,
      created_at timestamptz not null default now(),
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz not null default now(),
      unique (workspace_id, idempotency_key)
    );
    create index delegations_open on delegations (lease_until) where status in ('pending', 'in_progress');
    create table board_events (
      id bigint generated always as identity primary key,
      delegation_id uuid not null references delegations (id) on delete cascade,
      type text not null,
      performative text not null,
      sender text not null,
      recipient text not null,
      content jsonb not null,
      created_at timestamptz not null default now(),
      processed_at timestamptz,
      unique (delegation_id, type, recipient)
    );
    create table expert_responses (
      delegation_id uuid not null references delegations (id) on delete cascade,
      expert text not null,
      status text not null check (status in ('completed', 'failed')),
      answer text,
      confidence double precision,
      tokens int not null default 0,
      error text,
      execution_time_ms double precision not null,
      created_at timestamptz not null default now(),
      primary key (delegation_id, expert)
    );`,
  down: `
    drop table expert_responses, board_events, delegations;
    drop index escalations_unresolved;
    alter table escalations drop column decision, drop column resolved_by, drop column resolved_at;
    alter table operations drop column idempotency_key, drop column require_validation, drop column claims;`,
};
