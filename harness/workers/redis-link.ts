import { Redis } from 'ioredis';
import { messageOf, MusterError } from '../model/errors.ts';

const CONNECT_MS = 5_000;

/**
 * Opens a connection; a queue that is not there is told at once, one that goes away later is waited for.
 * @throws MusterError MUSTER_QUEUE_REDIS; the address in it has no password.
 */
export async function openRedis(url: string): Promise<Redis> {
  const redis = new Redis(addressOf(url), {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    enableReadyCheck: true,
  });
  // Every call that suffers from it says so; without a listener the first interruption would end the process.
  redis.on('error', () => undefined);
  try {
    await Promise.race([redis.connect(), refused(redis)]);
    await redis.ping();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new MusterError(`The Redis of the load workers, ${shownAddress(url)}, cannot be used: ${messageOf(error)}.`, {
      code: 'MUSTER_QUEUE_REDIS',
      blame: 'environment',
      hint: 'Give the address of a Redis that this machine and the workers reach: redis://host:6379, with a password redis://:password@host:6379.',
      cause: error,
    });
  }
}

/** Without user name and password. */
export function shownAddress(url: string): string {
  const { protocol, host, pathname } = new URL(addressOf(url));
  return `${protocol}//${host}${pathname === '/' ? '' : pathname}`;
}

/** @throws MusterError MUSTER_QUEUE_ADDRESS (config) when it is no address of a Redis. */
export function addressOf(url: string): string {
  if (/^rediss?:\/\//iu.test(url) && URL.canParse(url)) return url;
  throw new MusterError('What was given for the queue of the load workers is not the address of a Redis.', {
    code: 'MUSTER_QUEUE_ADDRESS',
    blame: 'config',
    hint: 'Write it as redis://host:6379, or rediss:// with TLS.',
  });
}

function refused(redis: Redis): Promise<never> {
  return new Promise((_resolve, reject) => {
    redis.once('error', reject);
  });
}
