import type { Redis } from 'ioredis';
import type { Pool } from 'pg';
import { rateLimited, type Log } from '../shared/log.ts';
import { AUDIT, type Audit } from './audit/audit.ts';
import type { GatewayConfig } from './config.ts';
import { createPool } from './database/pool.ts';
import { createSchemaGate, type SchemaGate } from './database/schema-gate.ts';
import { createFeeds, type Feeds } from './events/feeds.ts';
import { connectInBackground, createRedis } from './redis/client.ts';
import type { Seams } from './seams.ts';

/** What every feature may use; made once per process, in the composition root. */
export interface Core {
  readonly config: GatewayConfig;
  readonly log: Log;
  readonly seams: Seams;
  readonly pool: Pool;
  readonly redis: Redis;
  /** Its `repeat` is what background work on the tables runs in. */
  readonly schema: SchemaGate;
  readonly feeds: Feeds;
  readonly audit: Audit;
  /** To be called after each commit that wrote an event: subscribers hear of it now. */
  readonly committed: () => void;
  /** A reporter for background work that fails again and again: at most one line a second. */
  readonly reporter: (event: string) => (error: unknown) => void;
  close(): Promise<void>;
}

/** Opens pool and Redis without waiting for either. */
export function openCore(config: GatewayConfig, log: Log, seams: Seams): Core {
  const reporter = (event: string): ((error: unknown) => void) => rateLimited((fields) => log.warn(event, fields), 1000);
  const pool = seams.pool(createPool({ url: config.databaseUrl, max: config.poolMax, log }), config);
  const redis = seams.redis(createRedis(config.redisUrl, log));
  connectInBackground(redis, log);
  const committed = (): void => feeds.wake();
  const audit = seams.audit(AUDIT);
  const feeds = seams.feeds(createFeeds(pool, reporter('feeds_failed')), { pool, redis, log, audit, committed });
  return {
    config,
    log,
    seams,
    pool,
    redis,
    schema: createSchemaGate(),
    feeds,
    audit,
    committed,
    reporter,
    close: async () => {
      await feeds.stop();
      redis.disconnect();
      await pool.end();
    },
  };
}
