import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Program {
  readonly path: string;
  /** What LD_LIBRARY_PATH must be, if anything. */
  readonly libraries: string | null;
}

/** A program of Postgres: named by MUSTER_POSTGRES_BIN, prepared by scripts/setup, or the system's newest. @throws Error when there is none. */
export function postgresProgram(name: string): Program {
  return firstOf(name, [...fromEnv('MUSTER_POSTGRES_BIN'), ...prepared('postgres'), ...systemPostgres(), ...searchPath()]);
}

/** The Redis server: named by MUSTER_REDIS_SERVER, prepared by scripts/setup, or the system's. @throws Error when there is none. */
export function redisProgram(): Program {
  const named = process.env['MUSTER_REDIS_SERVER'];
  if (named !== undefined && named !== '') return { path: named, libraries: null };
  return firstOf('redis-server', [...prepared('redis'), ...searchPath()]);
}

interface Directory {
  readonly bin: string;
  readonly libraries: string | null;
}

function firstOf(name: string, directories: readonly Directory[]): Program {
  const found = directories.find(({ bin }) => existsSync(join(bin, name)));
  if (found === undefined) throw new Error(`there is no ${name} on this machine; run ./scripts/setup`);
  return { path: join(found.bin, name), libraries: found.libraries };
}

function fromEnv(name: string): readonly Directory[] {
  const bin = process.env[name];
  return bin === undefined || bin === '' ? [] : [{ bin, libraries: null }];
}

function prepared(product: string): readonly Directory[] {
  const home = process.getuid?.() === 0 ? '/var/cache' : process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const root = join(process.env['MUSTER_CACHE'] || join(home, 'muster'), product);
  const line = (file: string): string | null => (existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8').trim() : null);
  return [{ bin: line('BIN') ?? join(root, 'bin'), libraries: line('LIB') }];
}

function systemPostgres(): readonly Directory[] {
  const root = '/usr/lib/postgresql';
  if (!existsSync(root)) return [];
  const versions = readdirSync(root).toSorted((a, b) => Number(b) - Number(a));
  return versions.map((version) => ({ bin: join(root, version, 'bin'), libraries: null }));
}

function searchPath(): readonly Directory[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((bin) => ({ bin, libraries: null }));
}
