import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { repeat, type Repeater } from '../../shared/repeat.ts';
import { decodeEntry, type StreamEntry, type StreamMessage } from './decode.ts';
import { AGENTS_WITH_STREAM, groupOf, streamOf } from './streams.ts';

export interface ConsumerDeps {
  readonly pool: Pool;
  readonly redis: Redis;
  /** Name of this process within the groups. */
  readonly consumer: string;
  readonly onError: (error: unknown) => void;
}

export interface StreamConsumer {
  /** Something new for this agent. */
  readonly added: (agent: string) => void;
  stop(): Promise<void>;
}

const SWEEP_MS = 1000;
const BATCH = 50;
/** An entry that nobody acknowledged for this long is taken from the consumer that has it. */
const STALE_MS = 5000;
const TRIES = 3;
const KEEP_PROCESSED = 10_000;

/**
 * Moves messages from the agents' streams into Postgres: stored first, acknowledged after the commit, so that a message can come
 * twice but not get lost; the message id makes the second time harmless. Goes through what it was told about at once, and through
 * all streams every second: that finds what other processes, or this one before a restart, left behind.
 */
export function createConsumer(deps: ConsumerDeps): StreamConsumer {
  const fresh = new Set<string>();
  let nextSweepAtMs = 0;
  const round = async (stopped: AbortSignal): Promise<void> => {
    if (deps.redis.status !== 'ready') return;
    const sweeping = performance.now() >= nextSweepAtMs;
    const agents = sweeping ? await deps.redis.smembers(AGENTS_WITH_STREAM) : [...fresh];
    fresh.clear();
    if (sweeping) nextSweepAtMs = performance.now() + SWEEP_MS;
    for (const agent of agents) {
      if (stopped.aborted) return;
      await consume(deps, agent, sweeping);
    }
  };
  const repeater: Repeater = repeat(round, SWEEP_MS, deps.onError);
  return {
    added: (agent) => {
      fresh.add(agent);
      repeater.wake();
    },
    stop: () => repeater.stop(),
  };
}

async function consume(deps: ConsumerDeps, agent: string, sweeping: boolean): Promise<void> {
  const stream = streamOf(agent);
  const group = groupOf(agent);
  if (sweeping) {
    await ensureGroup(deps.redis, stream, group);
    await reclaim(deps, agent);
  }
  for (;;) {
    const entries = await readNew(deps, stream, group);
    await handle(deps, agent, entries);
    if (entries.length < BATCH) break;
  }
  if (sweeping) await trim(deps.redis, stream, group);
}

async function ensureGroup(redis: Redis, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error;
  }
}

async function readNew(deps: ConsumerDeps, stream: string, group: string): Promise<readonly StreamEntry[]> {
  const read = async (): Promise<readonly StreamEntry[]> => {
    const reply = await deps.redis.xreadgroup('GROUP', group, deps.consumer, 'COUNT', BATCH, 'STREAMS', stream, '>');
    const [first] = (reply ?? []) as readonly (readonly [string, readonly StreamEntry[]])[];
    return first?.[1] ?? [];
  };
  try {
    return await read();
  } catch (error) {
    if (!String(error).includes('NOGROUP')) throw error;
    await ensureGroup(deps.redis, stream, group);
    return read();
  }
}

/** Stores what can be stored and acknowledges it; what never can goes to the dead letters after `TRIES` deliveries. */
async function handle(deps: ConsumerDeps, agent: string, entries: readonly StreamEntry[]): Promise<void> {
  const decoded = entries.map((entry) => decodeEntry(entry));
  const messages = decoded.filter((message) => message !== null);
  if (messages.length === 0) return;
  await store(deps.pool, agent, messages);
  await deps.redis.xack(streamOf(agent), groupOf(agent), ...messages.map(({ streamId }) => streamId));
}

async function store(pool: Pool, agent: string, messages: readonly StreamMessage[]): Promise<void> {
  const column = (pick: (message: StreamMessage) => string): readonly string[] => messages.map(pick);
  await pool.query(
    `insert into agent_stream_messages (agent, stream, message_id, stream_id, from_agent, type, payload)
     select $1, $2, * from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::jsonb[]) on conflict (message_id) do nothing`,
    [
      agent,
      streamOf(agent),
      column(({ messageId }) => messageId),
      column(({ streamId }) => streamId),
      column(({ fromAgent }) => fromAgent),
      column(({ type }) => type),
      column(({ payload }) => payload),
    ],
  );
}

/** Takes over what stayed unacknowledged: left by a process that died, by an outage, or because it cannot be processed. */
async function reclaim(deps: ConsumerDeps, agent: string): Promise<void> {
  const stream = streamOf(agent);
  const group = groupOf(agent);
  const pending = (await deps.redis.xpending(stream, group, 'IDLE', STALE_MS, '-', '+', BATCH)) as readonly (readonly [
    string,
    string,
    number,
    number,
  ])[];
  if (pending.length === 0) return;
  const deliveries = new Map(pending.map(([id, , , count]) => [id, count]));
  const claimed = (await deps.redis.xclaim(stream, group, deps.consumer, STALE_MS, ...deliveries.keys())) as readonly StreamEntry[];
  await handle(deps, agent, claimed);
  const dead = claimed.filter((entry) => decodeEntry(entry) === null && (deliveries.get(entry[0]) ?? 0) + 1 >= TRIES);
  for (const entry of dead) await bury(deps.redis, agent, entry);
}

async function bury(redis: Redis, agent: string, [id, fields]: StreamEntry): Promise<void> {
  const stream = streamOf(agent);
  const letter = ['stream_id', id, 'reason', 'not a message', 'fields', JSON.stringify(fields)];
  await redis
    .multi()
    .xadd(`dlq:${stream}`, 'MAXLEN', '~', KEEP_PROCESSED, '*', ...letter)
    .xack(stream, groupOf(agent), id)
    .exec();
}

/** Keeps the newest processed entries for replay; what is not processed is never trimmed. */
async function trim(redis: Redis, stream: string, group: string): Promise<void> {
  if ((await redis.xlen(stream)) <= KEEP_PROCESSED) return;
  const [, oldestPending] = (await redis.xpending(stream, group)) as readonly unknown[];
  const newest = await redis.xrevrange(stream, '+', '-', 'COUNT', KEEP_PROCESSED);
  const floor = typeof oldestPending === 'string' ? oldestPending : newest.at(-1)?.[0];
  if (floor !== undefined) await redis.xtrim(stream, 'MINID', '~', floor);
}
