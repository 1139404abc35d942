import { randomUUID } from 'node:crypto';
import type { Core } from '../core.ts';
import { createRelay } from '../events/relay.ts';
import type { Feature } from '../feature.ts';
import { createConsumer } from './consumer.ts';
import { listDeadLetters } from './dead-letters.ts';
import { streamEndpoints } from './endpoints.ts';
import { longestRetryMs } from './handling.ts';
import { createMessageStore } from './message-store.ts';
import { agentOf } from './names.ts';
import { replay, type ReplayRequest } from './replay.ts';
import { createStreamLog } from './stream-log.ts';
import { createStreams } from './streams.ts';

/** Messages between agents over Redis streams, and the outbox's copy for other programs. */
export function streamsFeature(core: Core): Feature {
  const { pool, redis, reporter, seams, config } = core;
  const { retryMs, keep, maxLength } = config.streams;
  // What waits for its next try must not look abandoned before.
  const staleMs = Math.max(config.streams.staleMs, longestRetryMs(retryMs));
  const log = seams.streamLog(createStreamLog(redis, `gateway-${randomUUID()}`, { staleMs, keep, maxLength }), core);
  const consumer = createConsumer({
    log,
    store: createMessageStore(pool),
    retryMs,
    keep,
    tidyEveryMs: staleMs,
    isRedisThere: () => redis.status === 'ready',
    onError: reporter('stream_consumer_failed'),
  });
  const relay = createRelay(pool, redis, reporter('outbox_relay_failed'), core.schema.repeat);
  const replayAudited = async (request: ReplayRequest) => {
    const { workspaceId, stream, fromId, toId, count } = request;
    await core.audit.append(pool, {
      action: 'stream.replayed',
      workspaceId,
      subject: stream,
      details: { from_id: fromId, to_id: toId, count },
    });
    const result = await replay(redis, maxLength, request);
    consumer.added(agentOf(stream));
    return result;
  };
  return {
    endpoints: streamEndpoints({
      streams: createStreams(redis, log, consumer.added),
      deadLetters: (query) => listDeadLetters(redis, query),
      replay: replayAudited,
    }),
    stop: async () => {
      await Promise.all([consumer.stop(), relay.stop()]);
    },
  };
}
