import type { Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';

export type FrameType = 'status' | 'routing_analysis' | 'delegation_initiated' | 'progress' | 'delegation_completed' | 'error';

/** What a watcher is told. */
export interface Frame {
  readonly type: FrameType;
  /** Of the delegation, from 1 without gaps. */
  readonly seq: number;
  /** From 0 to 100, never less than in the frame before. */
  readonly progress: number;
  readonly [field: string]: unknown;
}

/** Into the transaction of the change it tells about, at its end. The caller holds the delegation's row. */
export async function appendFrame(
  sql: Sql,
  delegation: { readonly id: string; readonly workspace_id: string },
  frame: Frame,
): Promise<void> {
  const data = { ...frame, delegation_id: delegation.id, timestamp: new Date().toISOString() };
  await appendEvent(sql, { workspaceId: delegation.workspace_id, type: 'delegation_event', data });
}
