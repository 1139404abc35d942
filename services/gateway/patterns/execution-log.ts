import type { Pool } from 'pg';
import { repeat, type Repeater } from '../../shared/repeat.ts';
import type { CacheTier } from './cache.ts';

export interface ExecutionRecord {
  readonly id: string;
  readonly workspace_id: string;
  readonly agent_id: string | null;
  readonly pattern: string;
  readonly type: string;
  readonly ms: number;
  readonly tokens: number;
  readonly baseline: number;
  readonly cache_tier: CacheTier;
}

export interface ExecutionLog {
  add(record: ExecutionRecord): void;
  readonly dropped: number;
  /** Writes what is left, if the database lets it. */
  stop(): Promise<void>;
}

const MAX_WAITING = 2000;
const FLUSH_MS = 250;

/**
 * Statistics about executions, written in batches behind the answer: an execution does not wait for them and does not fail with
 * them. Bounded; what does not fit while the database is away is dropped and counted. Nothing that must not be lost belongs here.
 */
export function createExecutionLog(pool: Pool, onError: (error: unknown) => void): ExecutionLog {
  const waiting: ExecutionRecord[] = [];
  let dropped = 0;
  const flush = async (): Promise<void> => {
    if (waiting.length === 0) return;
    const batch = waiting.splice(0);
    try {
      await pool.query(
        `insert into pattern_executions (id, workspace_id, agent_id, pattern, type, ms, tokens, baseline, cache_tier)
         select id, workspace_id, agent_id, pattern, type, ms, tokens, baseline, cache_tier
         from json_populate_recordset(null::pattern_executions, $1) on conflict do nothing`,
        [JSON.stringify(batch)],
      );
    } catch (error) {
      const room = Math.max(0, MAX_WAITING - waiting.length);
      waiting.unshift(...batch.slice(0, room));
      dropped += Math.max(0, batch.length - room);
      throw error;
    }
  };
  const repeater: Repeater = repeat(flush, FLUSH_MS, onError);
  return {
    add: (record) => {
      if (waiting.length < MAX_WAITING) waiting.push(record);
      else dropped++;
    },
    get dropped() {
      return dropped;
    },
    stop: async () => {
      await repeater.stop();
      await flush();
    },
  };
}
