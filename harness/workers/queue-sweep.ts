import type { Redis } from 'ioredis';
import { runKeys } from './queue-names.ts';

const SCANNED_AT_ONCE = 1_000;

/** Removes everything a run has in Redis. Harmless twice, and while another does it. */
export async function sweepRun(redis: Redis, run: string): Promise<void> {
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', runKeys(run).all, 'COUNT', SCANNED_AT_ONCE);
    if (keys.length > 0) await redis.unlink(...keys);
    cursor = next;
  } while (cursor !== '0');
}
