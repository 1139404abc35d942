import type { Redis } from 'ioredis';
import { fresh } from '../../shared/fresh.ts';
import { AGENTS_WITH_STREAM, groupOf, streamOf } from '../streams/names.ts';
import type { Metric } from './exposition.ts';
import { gauge } from './instruments.ts';

const MAX_AGE_MS = 5000;
const MAX_STREAMS = 1000;

/** Messages that somebody took and nobody acknowledged. While Redis is away the figure is missing, not 0. */
export function streamMetrics(redis: Redis, onError: (error: unknown) => void): readonly Metric[] {
  const ask = fresh(async (): Promise<number | null> => {
    try {
      return await pendingIn(redis);
    } catch (error) {
      onError(error);
      return null;
    }
  }, MAX_AGE_MS);
  return [gauge({ name: 'gateway_stream_pending', help: `Messages taken and not acknowledged, of up to ${MAX_STREAMS} streams.` }, ask)];
}

async function pendingIn(redis: Redis): Promise<number> {
  const agents = (await redis.smembers(AGENTS_WITH_STREAM)).slice(0, MAX_STREAMS);
  if (agents.length === 0) return 0;
  const pipeline = redis.pipeline();
  for (const agent of agents) pipeline.xpending(streamOf(agent), groupOf(agent));
  const replies = (await pipeline.exec()) ?? [];
  // A stream without its group yet has nothing pending.
  return replies.reduce((sum, [error, reply]) => sum + (error === null ? Number((reply as readonly unknown[])[0]) : 0), 0);
}
