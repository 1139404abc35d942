import { existsSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Env, cacheDirOf, libraryEnv, type Place, postgresPlaces } from './binaries.ts';
import { MissingBinaryError } from './errors.ts';
import type { Ledger } from './ledger.ts';
import { copyTree, publishDirectory } from './publish.ts';
import { runProgram } from './run-program.ts';
import { type RunAs, unprivilegedUser } from './unprivileged.ts';

/** A Postgres that runs on this machine as the user it will run as. */
export interface PostgresBinaries {
  readonly place: Place;
  /** `15.18` */
  readonly version: string;
  readonly runAs: RunAs;
  /** Extensions it brings (name → default version). */
  readonly extensionVersion: (name: string) => string | null;
  /** Why this one, for the report; no paths. */
  readonly reason: string;
}

/**
 * Chooses the Postgres to run: the first place that works and has pgvector, else the first that works.
 * @throws MissingBinaryError when there is none; it names what was wrong with each.
 */
export async function choosePostgres(env: Env, ledger: Ledger): Promise<PostgresBinaries> {
  const { places, looked } = await postgresPlaces(env);
  const runAs = unprivilegedUser();
  const broken: string[] = [];
  let fallback: PostgresBinaries | null = null;
  for (const place of places) {
    const found = await tryPlace(place, runAs, { env, ledger });
    if (typeof found === 'string') broken.push(`${place.binDir} does not work: ${found}`);
    else if (found.extensionVersion('vector') !== null) return found;
    else fallback ??= { ...found, reason: `${found.reason}; no other one here has it` };
  }
  if (fallback !== null) return fallback;
  throw new MissingBinaryError('Postgres (postgres and initdb)', [...looked, ...broken]);
}

interface Attempt {
  readonly env: Env;
  readonly ledger: Ledger;
}

/** The binaries at `place`, or what is wrong with them. */
export async function tryPlace(place: Place, runAs: RunAs, attempt: Attempt): Promise<PostgresBinaries | string> {
  const first = await versionAt(place, runAs);
  if (first.version !== null && (place.origin !== 'package' || missingLinks(nativeDir(place)).length === 0)) {
    return describe(place, first.version, runAs);
  }
  if (place.origin !== 'package') return first.problem;
  // A package has links only if its install script ran, and may lie where an unprivileged user cannot go.
  const copied = await copyOfPackage(place, attempt);
  const second = await versionAt(copied, runAs);
  return second.version === null ? second.problem : describe(copied, second.version, runAs);
}

function describe(place: Place, version: string, runAs: RunAs): PostgresBinaries {
  const shareDir = shareDirOf(place.binDir, version);
  const extensionVersion = (name: string): string | null => controlVersion(join(shareDir ?? '/', 'extension', `${name}.control`));
  const vector = extensionVersion('vector');
  const words = vector === null ? 'without pgvector' : `with pgvector ${vector}`;
  return { place, version, runAs, extensionVersion, reason: `Postgres ${version} ${words} from ${ORIGIN_WORDS[place.origin]}` };
}

export const ORIGIN_WORDS: Record<Place['origin'], string> = {
  configured: 'the configured place',
  cache: 'the cache of scripts/setup',
  system: 'the system',
  package: 'the npm package',
};

async function versionAt(place: Place, runAs: RunAs): Promise<{ version: string | null; problem: string }> {
  const result = await runProgram(join(place.binDir, 'postgres'), ['--version'], { cwd: '/', env: libraryEnv(place), ...runAs });
  const version = /PostgreSQL\)? (\d+[^\s]*)/.exec(result.stdout)?.[1] ?? null;
  const hint = runAs.uid !== undefined && result.stderr.includes('EACCES') ? ' (the user nobody must be able to enter it)' : '';
  return { version, problem: `${result.stderr.trim() || `it exited with ${String(result.code)}`}${hint}` };
}

/** Where the extensions are: Postgres finds its share directory from the place of its program. */
function shareDirOf(binDir: string, version: string): string | null {
  const major = version.split('.')[0] ?? version;
  const candidates = ['../share/postgresql', '../share', `../share/postgresql@${major}`, `../../../../share/postgresql/${major}`];
  return candidates.map((candidate) => join(binDir, candidate)).find((dir) => existsSync(join(dir, 'extension'))) ?? null;
}

function controlVersion(path: string): string | null {
  if (!existsSync(path)) return null;
  return /^default_version\s*=\s*'([^']+)'/m.exec(readFileSync(path, 'utf8'))?.[1] ?? 'unknown';
}

function nativeDir(place: Place): string {
  return dirname(place.binDir);
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** Links the package wants (paths below `native`'s parent) that are not there. */
function missingLinks(native: string): Link[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = JSON.parse(readFileSync(list, 'utf8')) as readonly Link[]; // the package's own file
  return links.filter(({ target }) => !existsSync(join(dirname(native), target)));
}

async function copyOfPackage(place: Place, { env, ledger }: Attempt): Promise<Place> {
  const native = nativeDir(place);
  const manifest: unknown = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8'));
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : 'unknown';
  const copy = join(cacheDirOf(env), `postgres-package-${version}`);
  if (!existsSync(copy)) {
    await publishDirectory(copy, ledger, async (staging) => {
      await copyTree(native, staging, ledger);
      for (const { source, target } of missingLinks(native)) {
        await symlink(basename(source), join(staging, target.replace(/^native\//, '')));
      }
    });
  }
  return { ...place, binDir: join(copy, 'bin') };
}
