import type { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';

const ROUND_TRIPS = 15;

/** How the Redis server's clock relates to this machine's CLOCK_MONOTONIC: what machines without a common clock agree on. */
export interface RedisClock {
  /** Redis time minus CLOCK_MONOTONIC, ms. */
  readonly offsetMs: number;
  /** Half of the shortest round trip: the offset is no further off. */
  readonly errorMs: number;
}

/** Best of 15 round trips of TIME: the shortest leaves least room for a lopsided one (Cristian 1989). */
export async function readRedisClock(redis: Redis): Promise<RedisClock> {
  let best: RedisClock = { offsetMs: 0, errorMs: Number.POSITIVE_INFINITY };
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const sentMs = monotonicMs();
    const [seconds, micros] = await redis.time();
    const errorMs = (monotonicMs() - sentMs) / 2;
    if (errorMs < best.errorMs) best = { offsetMs: Number(seconds) * 1000 + Number(micros) / 1000 - (sentMs + errorMs), errorMs };
  }
  return best;
}
