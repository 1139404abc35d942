import { Redis } from 'ioredis';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { Sampler } from './sampling-loop.ts';
import { startSampling } from './sampling-loop.ts';

export interface RedisUsage {
  /** What the allocator gave to data and buffers. */
  readonly usedMemoryBytes: number;
  /** As the kernel sees the process: what a container limit is compared with. */
  readonly residentBytes: number;
  /** null: no limit. */
  readonly maxMemoryBytes: number | null;
  /** Connections without Muster's own (their names begin with `muster`). */
  readonly clients: number;
  /** Those of them that wait in a blocking command. */
  readonly blockedClients: number;
  /** Counters since the server was started. */
  readonly keyspaceHits: number;
  readonly keyspaceMisses: number;
  readonly evictedKeys: number;
  readonly rejectedConnections: number;
  readonly commands: number;
}

/** `usage` null: a gap, the server could not be asked; `error` says why. */
export interface RedisSample {
  /** CLOCK_MONOTONIC, when the answer was there. */
  readonly atMs: number;
  readonly usage: RedisUsage | null;
  readonly error: string | null;
}

export interface RedisSamplerOptions {
  /** `redis://…` of a user that may ask INFO and CLIENT LIST. */
  readonly url: string;
  readonly intervalMs: number;
}

const PATIENCE_MS = 1000;
const OBSERVER_CLIENT = 'muster-observer';

/** Samples memory, clients and counters of Redis. While the server is away samples are gaps, and it connects again by itself. */
export function redisSampler(options: RedisSamplerOptions): Sampler<RedisSample> {
  const observer = new Observer(options.url);
  return startSampling({ intervalMs: options.intervalMs, take: () => observer.sample(), close: async () => observer.close() });
}

class Observer {
  readonly #url: string;
  #client: Redis | null = null;

  constructor(url: string) {
    this.#url = url;
  }

  async sample(): Promise<RedisSample> {
    try {
      const client = this.#client ?? (await this.#connect());
      const [info, clients] = await Promise.all([client.info(), client.client('LIST')]);
      return { atMs: monotonicMs(), usage: usageOf(info, String(clients)), error: null };
    } catch (error) {
      this.close();
      return { atMs: monotonicMs(), usage: null, error: messageOf(error) };
    }
  }

  close(): void {
    this.#client?.disconnect();
    this.#client = null;
  }

  async #connect(): Promise<Redis> {
    const client = new Redis(this.#url, {
      connectionName: OBSERVER_CLIENT,
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      connectTimeout: PATIENCE_MS,
      commandTimeout: PATIENCE_MS,
      // A server that is away is a gap; the next sample tries again.
      retryStrategy: () => null,
    });
    // A lost connection shows in the next command; without a listener it would be written to the console.
    client.on('error', () => undefined);
    this.#client = client;
    await client.connect();
    return client;
  }
}

/** From the answers to INFO and CLIENT LIST. A field that an older or a stand-in server does not name is 0. */
export function usageOf(info: string, clientList: string): RedisUsage {
  const fields = new Map(info.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  const number = (name: string): number => Number(fields.get(name) ?? 0);
  const others = clientList.split('\n').filter((line) => line !== '' && !/ name=muster/u.test(line));
  return {
    usedMemoryBytes: number('used_memory'),
    residentBytes: number('used_memory_rss'),
    maxMemoryBytes: number('maxmemory') === 0 ? null : number('maxmemory'),
    clients: others.length,
    // CLIENT LIST, flag b: the client waits in a blocking operation.
    blockedClients: others.filter((line) => / flags=[^ ]*b/u.test(line)).length,
    keyspaceHits: number('keyspace_hits'),
    keyspaceMisses: number('keyspace_misses'),
    evictedKeys: number('evicted_keys'),
    rejectedConnections: number('rejected_connections'),
    commands: number('total_commands_processed'),
  };
}
