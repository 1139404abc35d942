import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { MusterError } from '../model/errors.ts';
import { LOAD_NOT_RUN } from './coordinator.ts';

const ROUND_TRIPS = 15;
/** A start that may be further off than this is no common one: a tenth of the windows that loads are read in. */
const MOST_ERROR_MS = 25;

/** How the Redis server's clock relates to this machine's CLOCK_MONOTONIC: what machines without a common clock agree on. */
export interface RedisClock {
  /** Redis time minus CLOCK_MONOTONIC, ms. */
  readonly offsetMs: number;
  /** Half of the shortest round trip: the offset is no further off. */
  readonly errorMs: number;
}

/**
 * Best of 15 round trips of TIME: the shortest leaves least room for a lopsided one (Cristian 1989).
 * @throws MusterError MUSTER_LOAD_NOT_RUN when even that leaves more than 25 ms of doubt.
 */
export async function readRedisClock(redis: Redis): Promise<RedisClock> {
  let best: RedisClock = { offsetMs: 0, errorMs: Number.POSITIVE_INFINITY };
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const sentMs = monotonicMs();
    const nowMs = await redisTimeMs(redis);
    const errorMs = (monotonicMs() - sentMs) / 2;
    if (errorMs < best.errorMs) best = { offsetMs: nowMs - (sentMs + errorMs), errorMs };
  }
  return requireCloseEnough(best);
}

/** @throws MusterError MUSTER_LOAD_NOT_RUN */
export function requireCloseEnough(clock: RedisClock): RedisClock {
  if (clock.errorMs <= MOST_ERROR_MS) return clock;
  throw new MusterError(
    `The clock of the queue's Redis is known to ± ${Math.round(clock.errorMs)} ms only, and ${MOST_ERROR_MS} ms are allowed: load workers could not begin together.`,
    { code: LOAD_NOT_RUN, blame: 'environment', hint: 'Use a Redis that is near to the run and to the workers.' },
  );
}

/** What the Redis server's clock says now, ms. It may be set while a worker waits, so nothing is computed from an earlier answer. */
export async function redisTimeMs(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Number(micros) / 1000;
}
