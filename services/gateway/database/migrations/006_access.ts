import type { Migration } from './migration.ts';

/** Who may come in, what they did, and who was turned away. */
export const ACCESS: Migration = {
  version: '006_access',
  up: `
    create table api_keys (
      id uuid primary key default gen_random_uuid(),
      name text not null,
      -- SHA-256 of the key: the key itself is random and long, and is nowhere.
      key_hash bytea not null unique,
      -- The only workspace the key may use; null for any.
      workspace_id uuid,
      admin boolean not null default false,
      created_at timestamptz not null default now(),
      revoked_at timestamptz
    );
    create unique index api_keys_by_name on api_keys (name) where revoked_at is null;
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
    create index audit_logs_by_workspace on audit_logs (workspace_id, id);
    create index audit_logs_by_time on audit_logs (at);
    create table security_events (
      id bigint generated always as identity primary key,
      event_type text not null,
      address text,
      actor text,
      workspace_id uuid,
      request_id text,
      reason text not null,
      -- How often it happened between first_at and at: floods are counted, not listed.
      occurrences int not null default 1,
      first_at timestamptz not null default now(),
      at timestamptz not null default now()
    );
    create index security_events_by_time on security_events (at);
    create index security_events_by_workspace on security_events (workspace_id, id);`,
  down: `drop table security_events, audit_logs, api_keys;`,
};
