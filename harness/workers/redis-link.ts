import { Redis, type ChainableCommander } from 'ioredis';
import { messageOf, MusterError } from '../model/errors.ts';

const CONNECT_MS = 5_000;
/** A queue that went away may come back; whoever asks it something learns after this time that it has not. */
const COMMAND_WITHIN_MS = 4_000;

/**
 * Opens a connection; a queue that is not there is told at once. One that goes away later is connected to again, and what is asked
 * meanwhile rejects after 4 s.
 * @throws MusterError MUSTER_QUEUE_REDIS; the address in it has no password.
 */
export async function openRedis(url: string): Promise<Redis> {
  const redis = new Redis(addressOf(url), {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    maxRetriesPerRequest: null,
    commandTimeout: COMMAND_WITHIN_MS,
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

interface PatientConnection extends Disposable {
  readonly redis: Redis;
}

/**
 * Another connection to the same Redis, for commands that wait there: without a limit. Dispose of it: copies that others made of it are
 * closed with it, in whatever state they are.
 */
export function patientConnection(to: Redis): PatientConnection {
  const redis = to.duplicate();
  delete redis.options.commandTimeout;
  redis.on('error', () => undefined);
  const all = [redis];
  const duplicate = redis.duplicate.bind(redis);
  redis.duplicate = (override) => {
    const copy = duplicate(override);
    all.push(copy);
    return copy;
  };
  return {
    redis,
    [Symbol.dispose]() {
      for (const connection of all) connection.disconnect();
    },
  };
}

/** Does what a pipeline holds; rejects with the first thing in it that failed. */
export async function executeAll(pipeline: ChainableCommander): Promise<void> {
  const failed = (await pipeline.exec())?.find(([error]) => error !== null)?.[0];
  if (failed) throw failed;
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
