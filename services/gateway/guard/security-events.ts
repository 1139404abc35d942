import type { Pool } from 'pg';
import { repeat } from '../../shared/repeat.ts';

export type SecurityEventType = 'authentication_failed' | 'forbidden' | 'rate_limited';

export interface SecurityEvent {
  readonly type: SecurityEventType;
  readonly address: string;
  readonly requestId: string | null;
  readonly actor: string | null;
  readonly workspaceId: string | null;
  readonly reason: string;
}

export interface SecurityEvents {
  /** Never waits and never fails: whoever is turned away must not cost more than the answer. */
  record(event: SecurityEvent): void;
  /** Writes what is left, if the database lets it. */
  stop(): Promise<void>;
}

/** What happened again and again, as one row: the request id is that of the first. */
interface Row extends SecurityEvent {
  occurrences: number;
  readonly first_at: string;
  at: string;
}

const FLUSH_MS = 1000;
const MAX_ROWS = 200;
const ELSEWHERE = 'elsewhere';

const WRITE = `
  insert into security_events (event_type, address, request_id, actor, workspace_id, reason, occurrences, first_at, at)
  select type, address, "requestId", actor, "workspaceId", reason, occurrences, first_at, at
  from json_to_recordset($1) as row(type text, address text, "requestId" text, actor text, "workspaceId" uuid, reason text,
    occurrences int, first_at timestamptz, at timestamptz)`;

/**
 * Counts what was refused and writes it once a second: a flood of refusals becomes rows by address and reason, never a flood of
 * writes. More than 200 different ones in a second are counted together.
 */
export function createSecurityEvents(pool: Pool, onError: (error: unknown) => void): SecurityEvents {
  let waiting = new Map<string, Row>();
  const flush = async (): Promise<void> => {
    if (waiting.size === 0) return;
    const batch = waiting;
    waiting = new Map();
    try {
      await pool.query(WRITE, [JSON.stringify([...batch.values()])]);
    } catch (error) {
      for (const row of batch.values()) count(waiting, row);
      throw error;
    }
  };
  const repeater = repeat(flush, FLUSH_MS, onError);
  return {
    record: (event) => {
      const at = new Date().toISOString();
      count(waiting, { ...event, occurrences: 1, first_at: at, at });
    },
    stop: async () => {
      await repeater.stop();
      await flush();
    },
  };
}

/** Adds the row to the one it repeats. Exported for its test. */
export function count(rows: Map<string, Row>, row: Row): void {
  const own = keyOf(row);
  const crowded = !rows.has(own) && rows.size >= MAX_ROWS;
  const counted = crowded ? { ...row, address: ELSEWHERE, actor: null, workspaceId: null, reason: 'many at once' } : row;
  const known = rows.get(keyOf(counted));
  if (known === undefined) rows.set(keyOf(counted), { ...counted });
  else {
    known.occurrences += counted.occurrences;
    if (counted.at > known.at) known.at = counted.at;
  }
}

function keyOf({ type, address, actor, workspaceId, reason }: SecurityEvent): string {
  return JSON.stringify([type, address, actor, workspaceId, reason]);
}
