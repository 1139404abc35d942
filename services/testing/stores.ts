import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { postgresProgram, redisProgram, type Program } from './binaries.ts';
import { freePort } from './free-port.ts';
import { dataDirectory, envOf, OWNER, ownDirectory } from './postgres-data.ts';

/** A store of the tests' own, on loopback, with its files in a directory that goes with it. */
export interface Store {
  readonly url: string;
  /** Ends the server the way its operator would; the files stay. */
  stop(): Promise<void>;
  /** Starts it again at the same address. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

export interface PostgresStore extends Store {
  /** As superuser. */
  readonly adminUrl: string;
}

export interface RedisStore extends Store {
  /** Removes every key. */
  flush(): Promise<void>;
}

const START_LIMIT_MS = 40_000;

export async function startPostgres(): Promise<PostgresStore> {
  const directory = await ownDirectory('agents-pg-');
  const data = await dataDirectory(directory);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${directory}`,
    'max_connections=60',
    'shared_buffers=64MB',
    // Of processes that are killed nothing is lost without it; only a machine that loses power needs it.
    'fsync=off',
  ];
  const adminUrl = `postgres://admin@127.0.0.1:${port}/postgres`;
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const server = restartable(postgresProgram('postgres'), args, {
    cwd: directory,
    signal: 'SIGINT',
    answers: () => query(adminUrl, 'select 1'),
  });
  await server.start();
  await query(adminUrl, 'create role service login');
  await query(adminUrl, 'create database agents owner service');
  const { rows } = await query(adminUrl, `select from pg_available_extensions where name = 'vector'`);
  const agentsUrl = `postgres://admin@127.0.0.1:${port}/agents`;
  if (rows.length > 0) await query(agentsUrl, 'create extension vector');
  return {
    ...server,
    adminUrl: agentsUrl,
    url: `postgres://service@127.0.0.1:${port}/agents`,
    dispose: () => disposeOf(server, directory),
  };
}

export async function startRedis(): Promise<RedisStore> {
  const directory = await ownDirectory('agents-redis-');
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    directory,
    '--save',
    '',
    '--appendonly',
    'yes',
    '--maxmemory-policy',
    'noeviction',
  ];
  const server = restartable(redisProgram(), args, {
    cwd: directory,
    signal: 'SIGTERM',
    answers: () => onRedis(url, (redis) => redis.ping()),
  });
  await server.start();
  return {
    ...server,
    url,
    flush: async () => void (await onRedis(url, (redis) => redis.flushall())),
    dispose: () => disposeOf(server, directory),
  };
}

interface Restartable {
  start(): Promise<void>;
  stop(): Promise<void>;
}

interface RunOptions {
  readonly cwd: string;
  readonly signal: NodeJS.Signals;
  readonly answers: () => Promise<unknown>;
}

function restartable(program: Program, args: readonly string[], { cwd, signal, answers }: RunOptions): Restartable {
  let child: ChildProcess | null = null;
  return {
    start: async () => {
      child = spawn(program.path, args, { ...OWNER, cwd, env: envOf(program), stdio: 'ignore' });
      await until(answers, START_LIMIT_MS);
    },
    stop: async () => {
      if (child === null) return;
      const gone = once(child, 'exit');
      child.kill(signal);
      await gone;
      child = null;
    },
  };
}

/** Repeats until it does not throw. @throws the last error after `limitMs`. */
async function until(attempt: () => Promise<unknown>, limitMs: number): Promise<void> {
  const endsAtMs = performance.now() + limitMs;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (performance.now() > endsAtMs) throw error;
      await delay(20);
    }
  }
}

async function disposeOf(server: Restartable, directory: string): Promise<void> {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}

/** One statement on a connection of its own. */
export async function query(url: string, sql: string, values: unknown[] = []): Promise<{ rows: Record<string, unknown>[] }> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  await client.connect();
  try {
    return await client.query<Record<string, unknown>>(sql, values);
  } finally {
    await client.end();
  }
}

/** One piece of work on a connection of its own. */
export async function onRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 1000 });
  const silent = new Promise<never>((_, reject) => redis.once('error', reject));
  try {
    return await Promise.race([redis.connect().then(() => work(redis)), silent]);
  } finally {
    redis.disconnect();
  }
}
