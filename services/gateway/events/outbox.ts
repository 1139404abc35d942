import type { Sql } from '../database/pool.ts';

export const EVENT_TYPES = [
  'agent_status_changed',
  'agent_activity',
  'agent_message',
  'agent_context_updated',
  /** What a task went through; `data.type` says which (analysis_start … cancelled). */
  'task_event',
  /** `data` is the frame that watchers of the delegation get, with `delegation_id` and a `seq` of its own from 1. */
  'delegation_event',
  /** An operation was made or moved on: `operation_id`, `previous_status` (null: new), `status`. */
  'operation_event',
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

export interface NewEvent {
  readonly workspaceId: string;
  readonly type: EventType;
  readonly agentId?: string;
  readonly taskId?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** What subscribers get. `seq` has no gap within a workspace and its order is the order of the commits. */
export interface AgentEvent {
  readonly event_type: string;
  readonly seq: number;
  readonly event_id: string;
  readonly timestamp: string;
  readonly committed_at: string;
  readonly workspace_id: string;
  readonly agent_id: string | null;
  readonly task_id: string | null;
  readonly data: unknown;
}

/**
 * Who waits for a row that others update all the time can be overtaken again and again; for an advisory lock all stand in line.
 * Exported for whoever must know when an event is written.
 */
export const APPEND_EVENT = `
  with turn as materialized (select pg_advisory_xact_lock(7301945, hashtext($1::text))),
    next as (update workspaces set last_seq = last_seq + 1 from turn where id = $1::uuid returning last_seq)
  insert into outbox (workspace_id, seq, topic, agent_id, task_id, data) select $1::uuid, last_seq, $2, $3, $4, $5 from next`;

/**
 * Writes the event into the transaction of the change it tells about: both happen or neither does.
 * Locks the workspace until the end of the transaction, so it goes last; that lock is what makes `seq` gap-free.
 */
export async function appendEvent(sql: Sql, event: NewEvent): Promise<void> {
  const { rowCount } = await sql.query(APPEND_EVENT, [
    event.workspaceId,
    event.type,
    event.agentId ?? null,
    event.taskId ?? null,
    JSON.stringify(event.data),
  ]);
  if (rowCount !== 1) throw new Error(`workspace ${event.workspaceId} does not exist`);
}

export interface OutboxRow {
  readonly event_id: string;
  readonly workspace_id: string;
  readonly seq: string;
  readonly topic: string;
  readonly agent_id: string | null;
  readonly task_id: string | null;
  readonly data: unknown;
  readonly committed_at: Date;
}

export const OUTBOX_COLUMNS = 'event_id, workspace_id, seq, topic, agent_id, task_id, data, committed_at';

export function toEvent(row: OutboxRow): AgentEvent {
  const committedAt = row.committed_at.toISOString();
  return {
    event_type: row.topic,
    seq: Number(row.seq),
    event_id: row.event_id,
    timestamp: committedAt,
    committed_at: committedAt,
    workspace_id: row.workspace_id,
    agent_id: row.agent_id,
    task_id: row.task_id,
    data: row.data,
  };
}
