import type { Redis } from 'ioredis';
import { z } from 'zod';
import { rateLimited, type Log } from '../../shared/log.ts';
import { connectInBackground } from '../redis/client.ts';

/** Which answers are no good any more: those of some patterns of a workspace, one key, or all keys with a prefix. */
export type Invalidation = { readonly workspace_id: string } & (
  | { readonly patterns: readonly string[] }
  | { readonly key?: string | undefined; readonly prefix?: string | undefined }
);

/** How the processes tell each other what to drop from their local tiers. */
export interface Invalidations {
  /** Tells all other processes. @throws when Redis is away. */
  announce(invalidation: Invalidation): Promise<void>;
  /** Whether what others announce arrives here at this moment. */
  isListening(): boolean;
  stop(): void;
}

export interface Heard {
  /** null: something was announced that this program does not understand. */
  readonly announced: (invalidation: Invalidation | null) => void;
  /** Announcements arrive again, after a time in which they did not. */
  readonly caughtUp: () => void;
}

const CHANNEL = 'cache:invalidate';

const invalidationSchema = z.union([
  z.object({ workspace_id: z.string(), patterns: z.array(z.string()) }),
  z.object({ workspace_id: z.string(), key: z.string().optional(), prefix: z.string().optional() }),
]);

/** On a connection of its own: one that subscribes can do nothing else. */
export function createInvalidations(redis: Redis, log: Log, heard: Heard): Invalidations {
  let isListening = false;
  let isStopped = false;
  const subscriber = redis.duplicate({ connectionName: 'gateway-subscriber', autoResubscribe: false, lazyConnect: true });
  const report = rateLimited((fields) => log.warn('cache_subscription_lost', fields), 1000);
  subscriber.on('error', report);
  subscriber.on('close', () => {
    isListening = false;
  });
  subscriber.on('message', (_channel, text) => heard.announced(parse(text)));
  subscriber.on('ready', () => {
    subscriber.subscribe(CHANNEL).then(
      () => {
        heard.caughtUp();
        isListening = true;
      },
      (error: unknown) => {
        if (isStopped) return;
        report(error);
        subscriber.disconnect(true);
      },
    );
  });
  connectInBackground(subscriber, log);
  return {
    announce: async (invalidation) => {
      await redis.publish(CHANNEL, JSON.stringify(invalidation));
    },
    isListening: () => isListening,
    stop: () => {
      isStopped = true;
      subscriber.disconnect();
    },
  };
}

function parse(text: string): Invalidation | null {
  try {
    return invalidationSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    // Anybody may publish anything: not understood means everything is dropped.
    return null;
  }
}
