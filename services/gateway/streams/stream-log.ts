import type { Redis } from 'ioredis';
import { recordOf, type StreamEntry } from './decode.ts';
import { AGENTS_WITH_STREAM, deadLettersOf, groupOf, streamOf } from './names.ts';
import { APPEND, BURY, FORGET_CONSUMERS, RETIRE, TRIM } from './scripts.ts';

export interface NewEntry {
  readonly agent: string;
  readonly messageId: string;
  readonly fields: Readonly<Record<string, string>>;
  /** The same key with the same fingerprint adds one entry, however often it is sent. */
  readonly idempotency: { readonly key: string; readonly fingerprint: string } | null;
}

export type Appended =
  | { readonly kind: 'added' | 'seen'; readonly streamId: string; readonly messageId: string }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'full'; readonly length: number };

/** An entry in the hands of this consumer. */
export interface Delivery {
  readonly entry: StreamEntry;
  /** Which try this is, from 1. Only failures of the message itself count, not what happened to its consumers. */
  readonly tries: number;
}

export interface Letter {
  readonly entryId: string;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Survey {
  readonly agent: string;
  /** There may be something to read or to take over. */
  readonly open: boolean;
  readonly consumers: number;
  readonly length: number;
  /** When its newest message came that was read, by the clock. */
  readonly lastReadMs: number;
}

/** The agents' streams as Redis keeps them. */
export interface StreamLog {
  append(entry: NewEntry): Promise<Appended>;
  /** All agents that have a stream, and how they stand. */
  survey(): Promise<readonly Survey[]>;
  /** What nobody had before; makes the group if there is none. */
  readNew(agent: string): Promise<readonly Delivery[]>;
  /** Takes over what its consumer did not acknowledge in time, page by page. */
  takeStale(agent: string): AsyncIterable<readonly Delivery[]>;
  acknowledge(agent: string, ids: readonly string[]): Promise<void>;
  /** Anybody may have them at once; it was not a try. */
  giveBack(agent: string, ids: readonly string[]): Promise<void>;
  /** The next try, by anybody, comes after this time. */
  retryLater(agent: string, delivery: Delivery, afterMs: number): Promise<void>;
  /** Moves it to the dead letters; false when it was not there any more or they are full. */
  bury(agent: string, letter: Letter): Promise<boolean>;
  /** Trims what is processed, forgets consumers that are gone. */
  tidy(agent: string): Promise<void>;
  /** Removes the stream if everything in it was processed, before this time by the clock. */
  retire(agent: string, beforeMs: number): Promise<void>;
  /** Takes this consumer out of the agent's group unless it still holds something. */
  leave(agent: string): Promise<void>;
}

export interface StreamLimits {
  /** An entry that nobody acknowledged for this long is taken from the consumer that has it. */
  readonly staleMs: number;
  /** Processed entries kept for replay. */
  readonly keep: number;
  /** Nothing is trimmed before it is processed; instead senders are told to wait. */
  readonly maxLength: number;
}

export const BATCH = 50;
const MAX_LETTERS = 10_000;
const REMEMBER_KEY_S = 86_400;

/** @param consumer name of this process within the groups. */
export function createStreamLog(redis: Redis, consumer: string, limits: StreamLimits): StreamLog {
  const { staleMs } = limits;
  const claim = (agent: string, idleMs: number, ids: readonly string[]) =>
    [streamOf(agent), groupOf(agent), consumer, 0, ...ids, 'IDLE', Math.max(0, idleMs)] as const;
  return {
    append: (entry) => append(redis, entry, limits),
    survey: () => survey(redis),
    readNew: (agent) => readNew(redis, agent, consumer),
    takeStale: (agent) => takeStale(redis, { agent, consumer, staleMs }),
    acknowledge: async (agent, ids) => {
      if (ids.length > 0) await redis.xack(streamOf(agent), groupOf(agent), ...ids);
    },
    giveBack: async (agent, ids) => {
      if (ids.length > 0) await redis.xclaim(...claim(agent, staleMs, ids), 'JUSTID');
    },
    retryLater: async (agent, { entry: [id], tries }, afterMs) => {
      await redis.xclaim(...claim(agent, staleMs - afterMs, [id]), 'RETRYCOUNT', tries + 1, 'JUSTID');
    },
    bury: async (agent, { entryId, fields }) => {
      const args = [groupOf(agent), entryId, MAX_LETTERS, ...Object.entries(fields).flat()];
      return (await redis.eval(BURY, 2, streamOf(agent), deadLettersOf(agent), ...args)) === 1;
    },
    tidy: async (agent) => {
      await redis.eval(TRIM, 1, streamOf(agent), limits.keep);
      await redis.eval(FORGET_CONSUMERS, 1, streamOf(agent), groupOf(agent), 2 * staleMs, '', consumer);
    },
    retire: async (agent, beforeMs) => {
      await redis.eval(RETIRE, 2, streamOf(agent), AGENTS_WITH_STREAM, agent, groupOf(agent), beforeMs);
    },
    leave: async (agent) => {
      await redis.eval(FORGET_CONSUMERS, 1, streamOf(agent), groupOf(agent), 0, consumer, consumer);
    },
  };
}

async function append(redis: Redis, { agent, messageId, fields, idempotency }: NewEntry, { maxLength }: StreamLimits): Promise<Appended> {
  const keys = [streamOf(agent), AGENTS_WITH_STREAM, idempotency?.key ?? ''];
  const args = [agent, maxLength, REMEMBER_KEY_S, idempotency?.fingerprint ?? '', messageId, ...Object.entries(fields).flat()];
  const [kind, value, storedId] = (await redis.eval(APPEND, keys.length, ...keys, ...args)) as readonly [string, string, string];
  if (kind === 'full') return { kind, length: Number(value) };
  if (kind === 'conflict') return { kind };
  return { kind: kind === 'seen' ? 'seen' : 'added', streamId: value, messageId: storedId };
}

async function survey(redis: Redis): Promise<readonly Survey[]> {
  const agents = await redis.smembers(AGENTS_WITH_STREAM);
  if (agents.length === 0) return [];
  const pipeline = redis.pipeline();
  for (const agent of agents) pipeline.xinfo('GROUPS', streamOf(agent)).xlen(streamOf(agent));
  const replies = (await pipeline.exec()) ?? [];
  return agents.map((agent, index) => {
    const [failed, groups] = replies[2 * index] ?? [new Error('Redis gave no answer'), null];
    const own = failed === null ? ownGroup(groups as readonly (readonly unknown[])[], agent) : undefined;
    const idle = own !== undefined && own['pending'] === 0 && own['lag'] === 0;
    return {
      agent,
      open: !idle,
      consumers: Number(own?.['consumers'] ?? 0),
      length: Number(replies[2 * index + 1]?.[1] ?? 0),
      lastReadMs: Number.parseInt((own?.['last-delivered-id'] ?? '0') as string, 10),
    };
  });
}

function ownGroup(groups: readonly (readonly unknown[])[], agent: string): Readonly<Record<string, unknown>> | undefined {
  return groups.map((group) => recordOf(group)).find((group) => group['name'] === groupOf(agent));
}

async function readNew(redis: Redis, agent: string, consumer: string): Promise<readonly Delivery[]> {
  const [stream, group] = [streamOf(agent), groupOf(agent)];
  const read = async (): Promise<readonly Delivery[]> => {
    const reply = await redis.xreadgroup('GROUP', group, consumer, 'COUNT', BATCH, 'STREAMS', stream, '>');
    const [first] = (reply ?? []) as readonly (readonly [string, readonly StreamEntry[]])[];
    return (first?.[1] ?? []).map((entry) => ({ entry, tries: 1 }));
  };
  try {
    return await read();
  } catch (error) {
    if (!String(error).includes('NOGROUP')) throw error;
    await ensureGroup(redis, stream, group);
    return read();
  }
}

async function ensureGroup(redis: Redis, stream: string, group: string): Promise<void> {
  try {
    await redis.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
  } catch (error) {
    if (!String(error).includes('BUSYGROUP')) throw error;
  }
}

interface Claimant {
  readonly agent: string;
  readonly consumer: string;
  readonly staleMs: number;
}

/** Takes ids only: that leaves the count of tries as it is. */
async function* takeStale(redis: Redis, { agent, consumer, staleMs }: Claimant): AsyncIterable<readonly Delivery[]> {
  const [stream, group] = [streamOf(agent), groupOf(agent)];
  let cursor = '0-0';
  do {
    const reply = await redis.xautoclaim(stream, group, consumer, staleMs, cursor, 'COUNT', BATCH, 'JUSTID');
    const [next, ids] = reply as unknown as readonly [string, readonly string[]];
    if (ids.length > 0) yield await look(redis, agent, ids);
    cursor = next;
  } while (cursor !== '0-0');
}

/** Contents and tries of entries; one that was deleted meanwhile has no fields. */
async function look(redis: Redis, agent: string, ids: readonly string[]): Promise<readonly Delivery[]> {
  const [stream, group] = [streamOf(agent), groupOf(agent)];
  const pipeline = redis.pipeline();
  for (const id of ids) pipeline.xrange(stream, id, id).xpending(stream, group, id, id, 1);
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error !== null) throw error;
    return reply as readonly (readonly unknown[])[];
  });
  return ids.map((id, index) => {
    const fields = (replies[2 * index]?.[0]?.[1] ?? null) as readonly string[] | null;
    return { entry: [id, fields], tries: Number(replies[2 * index + 1]?.[0]?.[3] ?? 1) };
  });
}
