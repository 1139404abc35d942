import { randomUUID } from 'node:crypto';
import type { Core } from '../core.ts';
import { createRelay } from '../events/relay.ts';
import type { Feature } from '../feature.ts';
import { createConsumer } from './consumer.ts';
import { streamRoutes } from './routes.ts';
import { createStreams } from './streams.ts';

/** Messages between agents over Redis streams, and the outbox's copy for other programs. */
export function streamsFeature({ pool, redis, reporter }: Core): Feature {
  const relay = createRelay(pool, redis, reporter('outbox_relay_failed'));
  const consumer = createConsumer({ pool, redis, consumer: `gateway-${randomUUID()}`, onError: reporter('stream_consumer_failed') });
  return {
    routes: [{ base: '/api/v1', app: streamRoutes(createStreams(redis, consumer.added)) }],
    stop: async () => {
      await Promise.all([consumer.stop(), relay.stop()]);
    },
  };
}
