import type { Pool } from 'pg';
import { fresh, within } from '../../shared/fresh.ts';
import type { Metric } from './exposition.ts';
import { gauge } from './instruments.ts';

interface Backlog {
  readonly events: number;
  readonly lag_s: number;
  readonly operations: number;
}

const MAX_AGE_MS = 1000;
const LIMIT_MS = 800;
/** Counting stops here: what is behind that far is behind. */
const COUNT_UP_TO = 10_000;

const BACKLOG = `
  with waiting as (select committed_at from outbox where published_at is null limit ${COUNT_UP_TO})
  select (select count(*)::int from waiting) as events,
    (select coalesce(extract(epoch from now() - min(committed_at)), 0)::float8 from waiting) as lag_s,
    (select count(*)::int from operations where status not in ('completed', 'failed')) as operations`;

/** Work that waits in the stores. While they are away the figures are missing, not 0. */
export function backlogMetrics(pool: Pool, onError: (error: unknown) => void): readonly Metric[] {
  const ask = fresh(async (): Promise<Backlog | null> => {
    try {
      const { rows } = await within(pool.query<Backlog>(BACKLOG), LIMIT_MS);
      return rows[0] ?? null;
    } catch (error) {
      onError(error);
      return null;
    }
  }, MAX_AGE_MS);
  const reading = (name: string, help: string, column: keyof Backlog): Metric =>
    gauge({ name, help }, async () => (await ask())?.[column] ?? null);
  return [
    reading('gateway_outbox_waiting', `Events that are not in Redis yet, up to ${COUNT_UP_TO}.`, 'events'),
    reading('gateway_outbox_lag_seconds', 'Age of the oldest of them.', 'lag_s'),
    reading('gateway_operations_open', 'Operations that have not ended.', 'operations'),
  ];
}
