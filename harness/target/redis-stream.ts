import { Redis } from 'ioredis';
import { messageOf } from '../model/errors.ts';
import type { StreamBinding } from '../model/target.ts';
import { fillText } from '../model/template.ts';

/** A number read from a store, or why it could not be read. */
export type StoreReading = { readonly ok: true; readonly value: number } | { readonly ok: false; readonly problem: string };

/** Reads the binding's stream in Redis itself, past the target. Dispose it: it holds a connection. */
export interface RedisStreamReader extends AsyncDisposable {
  /** Entries of the agent's stream; 0 when there is no stream. */
  length(agent: string): Promise<StoreReading>;
  /** Entries delivered to the group and not acknowledged. A missing group is a problem, not 0. */
  pending(agent: string): Promise<StoreReading>;
}

export interface RedisStreamOptions {
  readonly url: string;
  readonly binding: StreamBinding;
  readonly timeoutMs: number;
}

export function createRedisStreamReader({ url, binding, timeoutMs }: RedisStreamOptions): RedisStreamReader {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    // Each command says what it met; a new connection is made when the next command needs one.
    retryStrategy: () => null,
  });
  let lastError = 'the connection is closed';
  redis.on('error', (error: Error) => {
    lastError = error.message;
  });
  const keyOf = (agent: string): string => fillText(binding.key, { agent });
  const read = async (command: () => Promise<number>): Promise<StoreReading> => {
    try {
      if (redis.status === 'wait' || redis.status === 'end' || redis.status === 'close') await redis.connect();
      return { ok: true, value: await command() };
    } catch (error) {
      const text = messageOf(error);
      return { ok: false, problem: text.includes('Connection is closed') ? lastError : text };
    }
  };
  return {
    length: (agent) => read(() => redis.xlen(keyOf(agent))),
    pending: (agent) =>
      read(async () => {
        const [count] = (await redis.xpending(keyOf(agent), fillText(binding.group, { agent }))) as readonly unknown[];
        return Number(count);
      }),
    [Symbol.asyncDispose]() {
      redis.disconnect();
      return Promise.resolve();
    },
  };
}
