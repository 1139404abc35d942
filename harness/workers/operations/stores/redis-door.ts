import { Redis } from 'ioredis';
import type { Call } from '../../../load/index.ts';
import type { Outcome } from '../../../model/outcome.ts';

const LONGEST_PAUSE_MS = 2_000;
/** Refusals for want of room or time: it did not happen, and may later. */
const SHED = /^(?:OOM|BUSY|LOADING|MASTERDOWN|TRYAGAIN|CLUSTERDOWN|NOREPLICAS)\b|max number of clients/;

/** One pipelining connection, made when it is needed and again when it broke. */
export interface RedisDoor extends Disposable {
  /** Resolves when it is connected or cannot be: the calls then say so. */
  connect(signal: AbortSignal): Promise<void>;
  command(call: Call, name: string, args: readonly string[]): void;
}

export function redisDoor(url: string, timeoutMs: number): RedisDoor {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    // A command that has no connection says so at once: waiting for one would be a queue of ours.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(LONGEST_PAUSE_MS, 50 * 2 ** attempt),
  });
  // What it meets is what its commands end with.
  redis.on('error', () => undefined);
  return {
    async connect(signal) {
      if (redis.status !== 'wait') return;
      const cut = (): void => redis.disconnect();
      signal.addEventListener('abort', cut, { once: true });
      await redis.connect().catch(() => undefined);
      signal.removeEventListener('abort', cut);
    },
    command(call, name, args) {
      redis.call(name, ...args).then(
        (reply) => call.end('ok', sizeOf(reply)),
        (error: unknown) => call.end(outcomeOf(error)),
      );
    },
    [Symbol.dispose]: () => redis.disconnect(),
  };
}

/** An answer of the server is a refusal: it did not happen. A lost connection leaves that open. */
function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Error) || error.name !== 'ReplyError') return 'unknown';
  return SHED.test(error.message) ? 'shed' : 'rejected';
}

function sizeOf(reply: unknown): number {
  return typeof reply === 'string' ? Buffer.byteLength(reply) : 0;
}
