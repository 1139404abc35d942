import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ServiceError } from '../../shared/service-error.ts';
import { needingRedis } from '../redis/errors.ts';

export interface NewStreamMessage {
  readonly fromAgent: string;
  /** null: to everybody. */
  readonly toAgent: string | null;
  readonly type: string;
  readonly payload: unknown;
  readonly priority: number;
  readonly correlationId: string | null;
}

export interface Published {
  readonly message_id: string;
  readonly stream: string;
  readonly stream_id: string;
}

export interface Streams {
  /** @throws ServiceError dependency_unavailable (Redis is away) or rate_limited (the consumer is too far behind). */
  publish(message: NewStreamMessage): Promise<Published>;
  /** @throws ServiceError not_found or dependency_unavailable. */
  describe(stream: string): Promise<Readonly<Record<string, unknown>>>;
}

/** Redis set of the agents that have a stream: what the consumer goes through. */
export const AGENTS_WITH_STREAM = 'agent_streams';
const BROADCAST = 'broadcast';
/** Nothing is trimmed before it is processed; instead senders are told to wait. */
const MAX_LENGTH = 20_000;

export function streamOf(agent: string): string {
  return `agent_messages:${agent}`;
}

export function groupOf(agent: string): string {
  return `group_${agent}`;
}

/** @param added called with the agent whose stream has something new. */
export function createStreams(redis: Redis, added: (agent: string) => void): Streams {
  return {
    publish: (message) => needingRedis(() => publish(redis, message, added)),
    describe: (stream) => needingRedis(() => describe(redis, stream)),
  };
}

async function publish(redis: Redis, message: NewStreamMessage, added: (agent: string) => void): Promise<Published> {
  const agent = message.toAgent ?? BROADCAST;
  const stream = streamOf(agent);
  const length = await redis.xlen(stream);
  if (length >= MAX_LENGTH) throw new ServiceError('rate_limited', `stream ${stream} holds ${length} messages`, { retryAfterMs: 1000 });
  if (length === 0) await redis.sadd(AGENTS_WITH_STREAM, agent);
  const messageId = randomUUID();
  const fields = {
    message_id: messageId,
    from_agent: message.fromAgent,
    to_agent: agent,
    type: message.type,
    payload: JSON.stringify(message.payload),
    priority: String(message.priority),
    correlation_id: message.correlationId ?? '',
    timestamp: new Date().toISOString(),
  };
  const streamId = await redis.xadd(stream, '*', ...Object.entries(fields).flat());
  if (streamId === null) throw new Error('XADD returned no id');
  added(agent);
  return { message_id: messageId, stream, stream_id: streamId };
}

async function describe(redis: Redis, stream: string): Promise<Readonly<Record<string, unknown>>> {
  if ((await redis.exists(stream)) === 0) throw new ServiceError('not_found', `no stream "${stream.slice(0, 80)}"`);
  const info = asRecord(await redis.xinfo('STREAM', stream));
  const groups = ((await redis.xinfo('GROUPS', stream)) as readonly unknown[]).map(asRecord);
  return {
    length: info['length'],
    groups: groups.map(({ name, consumers, pending, lag }) => ({ name, consumers, pending, lag })),
    consumers: groups.reduce((sum, group) => sum + Number(group['consumers']), 0),
    pending: groups.reduce((sum, group) => sum + Number(group['pending']), 0),
    last_id: info['last-generated-id'],
  };
}

/** `[key, value, key, value …]` as an object. */
function asRecord(flat: unknown): Readonly<Record<string, unknown>> {
  const list = Array.isArray(flat) ? (flat as readonly unknown[]) : [];
  const record: Record<string, unknown> = {};
  for (let index = 0; index + 1 < list.length; index += 2) record[String(list[index])] = list[index + 1];
  return record;
}
