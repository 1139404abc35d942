import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { ServiceError } from '../../shared/service-error.ts';
import { needingRedis } from '../redis/errors.ts';
import { recordOf } from './decode.ts';
import { BROADCAST, streamOf } from './names.ts';
import type { StreamLog } from './stream-log.ts';

export interface NewStreamMessage {
  readonly workspaceId: string;
  readonly fromAgent: string;
  /** null: to everybody. */
  readonly toAgent: string | null;
  readonly type: string;
  readonly payload: unknown;
  readonly priority: number;
  readonly correlationId: string | null;
  /** Not processed any more when it waited longer than this; null: always. */
  readonly ttlSeconds: number | null;
  /** The same key for the same message adds it once, however often it is sent within a day. */
  readonly idempotencyKey: string | null;
}

export interface Published {
  readonly message_id: string;
  readonly stream: string;
  readonly stream_id: string;
}

export interface StreamGroup {
  readonly name: string;
  readonly consumers: number;
  readonly pending: number;
  /** Entries nobody has read; null when Redis cannot tell. */
  readonly lag: number | null;
}

export interface StreamState {
  readonly length: number;
  readonly groups: readonly StreamGroup[];
  readonly consumers: number;
  readonly pending: number;
  readonly last_id: string;
}

export interface Streams {
  /**
   * @returns `created` is false when the key had been used for the same message before.
   * @throws ServiceError dependency_unavailable (Redis is away; the message may be in the stream all the same, repeat it with its key),
   * rate_limited (the consumer is too far behind) or idempotency_conflict.
   */
  publish(message: NewStreamMessage): Promise<{ readonly published: Published; readonly created: boolean }>;
  /** @throws ServiceError not_found or dependency_unavailable. */
  describe(stream: string): Promise<StreamState>;
}

/** @param added called with the agent whose stream has something new. */
export function createStreams(redis: Redis, log: StreamLog, added: (agent: string) => void): Streams {
  return {
    publish: async (message) => {
      const result = await needingRedis(() => publish(log, message));
      added(message.toAgent ?? BROADCAST);
      return result;
    },
    describe: (stream) => needingRedis(() => describe(redis, stream)),
  };
}

async function publish(log: StreamLog, message: NewStreamMessage) {
  const agent = message.toAgent ?? BROADCAST;
  const messageId = randomUUID();
  const content = {
    from_agent: message.fromAgent,
    to_agent: agent,
    workspace_id: message.workspaceId,
    type: message.type,
    payload: JSON.stringify(message.payload),
    priority: String(message.priority),
    correlation_id: message.correlationId ?? '',
    ...(message.ttlSeconds === null ? {} : { ttl_s: String(message.ttlSeconds) }),
  };
  const fields = { message_id: messageId, ...content, timestamp: new Date().toISOString() };
  const appended = await log.append({ agent, messageId, fields, idempotency: idempotencyOf(message, content) });
  if (appended.kind === 'conflict') throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another message');
  if (appended.kind === 'full') {
    throw new ServiceError('rate_limited', `stream ${streamOf(agent)} holds ${appended.length} messages`, { retryAfterMs: 1000 });
  }
  const published: Published = { message_id: appended.messageId, stream: streamOf(agent), stream_id: appended.streamId };
  return { published, created: appended.kind === 'added' };
}

function idempotencyOf({ workspaceId, idempotencyKey }: NewStreamMessage, content: Readonly<Record<string, string>>) {
  if (idempotencyKey === null) return null;
  const key = `idempotency:messages:${workspaceId}:${sha256(idempotencyKey)}`;
  return { key, fingerprint: sha256(JSON.stringify(content)) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

async function describe(redis: Redis, stream: string): Promise<StreamState> {
  if ((await redis.exists(stream)) === 0) throw new ServiceError('not_found', `no stream "${stream.slice(0, 80)}"`);
  const info = recordOf((await redis.xinfo('STREAM', stream)) as readonly unknown[]);
  const groups = ((await redis.xinfo('GROUPS', stream)) as readonly (readonly unknown[])[]).map(toGroup);
  return {
    length: Number(info['length']),
    groups,
    consumers: groups.reduce((sum, { consumers }) => sum + consumers, 0),
    pending: groups.reduce((sum, { pending }) => sum + pending, 0),
    last_id: String(info['last-generated-id']),
  };
}

function toGroup(flat: readonly unknown[]): StreamGroup {
  const { name, consumers, pending, lag } = recordOf(flat);
  return { name: String(name), consumers: Number(consumers), pending: Number(pending), lag: typeof lag === 'number' ? lag : null };
}
