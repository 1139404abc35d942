import { Redis } from 'ioredis';
import { rateLimited, type Log } from '../../shared/log.ts';

const RECONNECT_FIRST_MS = 50;
const RECONNECT_MAX_MS = 500;

/**
 * One connection per process that fails fast: a command while Redis is away is refused at once instead of queued, and one whose
 * reply was lost is not sent again (it may have been executed). Reconnects by itself, for ever.
 */
export function createRedis(url: string, log: Log): Redis {
  const redis = new Redis(url, {
    connectionName: 'gateway',
    lazyConnect: true,
    connectTimeout: 1000,
    commandTimeout: 500,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(RECONNECT_MAX_MS, RECONNECT_FIRST_MS * 2 ** Math.min(attempt, 10)),
  });
  redis.on(
    'error',
    rateLimited((fields) => log.warn('redis_connection_lost', fields), 1000),
  );
  redis.on('ready', () => log.info('redis_connected'));
  return redis;
}

/** Starts connecting without waiting for it: Redis may come later than this process. */
export function connectInBackground(redis: Redis, log: Log): void {
  redis.connect().catch((error: unknown) => log.warn('redis_not_there_yet', { error: String(error) }));
}
