import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import type { Repeater, repeat } from '../../shared/repeat.ts';
import { keepMetadata } from './agent-metadata.ts';
import { OUTBOX_COLUMNS, toEvent, type AgentEvent, type OutboxRow } from './outbox.ts';

const BATCH = 200;
const POLL_MS = 250;
const STREAM_LENGTH = 10_000;
/** How long published rows stay for subscribers that resume. */
const KEEP = `interval '1 day'`;
/** In one order for all processes, so that none waits for another in a circle; who finds a row locked need not mark it too. */
const MARK = `update outbox set published_at = now() where id in (
  select id from outbox where id = any($1) and published_at is null order by id for update skip locked)`;
const PRUNE_EVERY_MS = 60_000;
const PRUNE_BATCH = 1000;
/** Events that are about no agent. */
const SYSTEM_CHANNEL = 'system_events';

/**
 * Copies committed events to the Redis stream `outbox:{workspace}` for other programs, in commit order, and marks them published.
 * The entry's id is the event's sequence number, so that an entry whose reply was lost is refused the second time: each event is
 * in the stream once. While Redis is away the rows wait. Whoever of several processes brought an event into the stream also publishes
 * it (`agent_events:{agent}`, `system_events`): once, and best effort, because Redis keeps nothing for who does not listen.
 */
export function createRelay(pool: Pool, redis: Redis, onError: (error: unknown) => void, every: typeof repeat): Repeater {
  let nextPruneAtMs = performance.now();
  return every(
    async (stopped) => {
      while (redis.status === 'ready' && !stopped.aborted && (await relayBatch(pool, redis)) === BATCH);
      if (performance.now() < nextPruneAtMs) return;
      // As long as there is more than a batch every round takes one: publishing waits for one delete at most.
      const more = (await prune(pool)) === PRUNE_BATCH;
      nextPruneAtMs = performance.now() + (more ? 0 : PRUNE_EVERY_MS);
    },
    POLL_MS,
    onError,
  );
}

/** Oldest first, and by the index: nothing is looked at that stays. What another process removes or marks is passed over. */
async function prune(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `delete from outbox where id in (
       select id from outbox where published_at < now() - ${KEEP} order by published_at limit ${PRUNE_BATCH} for update skip locked)`,
  );
  return rowCount ?? 0;
}

async function relayBatch(pool: Pool, redis: Redis): Promise<number> {
  const { rows } = await pool.query<OutboxRow & { id: string }>(
    `select id, ${OUTBOX_COLUMNS} from outbox where published_at is null order by workspace_id, seq limit ${BATCH}`,
  );
  if (rows.length === 0) return 0;
  const brought = await addToStreams(
    redis,
    rows.map((row) => toEvent(row)),
  );
  await publish(redis, brought);
  await keepMetadata(pool, redis, brought);
  await pool.query(MARK, [rows.map(({ id }) => id)]);
  return rows.length;
}

/** @returns those that were not there yet. @throws when one could not be added. */
async function addToStreams(redis: Redis, events: readonly AgentEvent[]): Promise<readonly AgentEvent[]> {
  const pipeline = redis.pipeline();
  for (const event of events) {
    pipeline.xadd(`outbox:${event.workspace_id}`, 'MAXLEN', '~', STREAM_LENGTH, `${event.seq}-0`, 'event', JSON.stringify(event));
  }
  const replies = (await pipeline.exec()) ?? [];
  const failed = replies.find(([error]) => error !== null && !isAlreadyThere(error));
  if (failed !== undefined || replies.length < events.length) throw failed?.[0] ?? new Error('Redis gave no answer');
  return events.filter((_, index) => replies[index]?.[0] === null);
}

async function publish(redis: Redis, events: readonly AgentEvent[]): Promise<void> {
  if (events.length === 0) return;
  const pipeline = redis.pipeline();
  for (const event of events) {
    pipeline.publish(event.agent_id === null ? SYSTEM_CHANNEL : `agent_events:${event.agent_id}`, JSON.stringify(event));
  }
  await pipeline.exec();
}

function isAlreadyThere(error: Error): boolean {
  return error.message.includes('equal or smaller than the target stream top item');
}
