import type { Migration } from './migration.ts';

/** Who may come in, what they did, and who was turned away. */
export const ACCESS: Migration = {
  version: '006_access',
  up: `
    create table api_keys (
      id uuid primary key default gen_random_uuid(),
      name text not null unique,
      -- SHA-256 of the key: the key itself is random and long, and is nowhere.
      key_hash bytea not null unique,
      workspace_id uuid,
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    );
    create table audit_logs (
      id bigint generated always as identity primary key,
      event_type text not null,
      workspace_id uuid,
      subject text,
      actor text not null,
      request_id text,
      details jsonb not null default '{}',
      at timestamptz not null default now()
    );
    create index audit_logs_by_type on audit_logs (event_type, at);
    create index audit_logs_by_time on audit_logs (at);
    create table security_events (
      id bigint generated always as identity primary key,
      event_type text not null,
      address text,
      request_id text,
      details jsonb not null default '{}',
      at timestamptz not null default now()
    );
    create index security_events_by_time on security_events (at);`,
  down: `drop table security_events, audit_logs, api_keys;`,
};
