import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MusterError } from '../model/errors.ts';
import { tellsFullDisk } from '../model/machine-errors.ts';
import { libraryEnv } from './binaries.ts';
import { removeDirectory } from './clean-up.ts';
import type { Ledger } from './ledger.ts';
import type { PostgresBinaries } from './postgres-binaries.ts';
import { clusterName, COMMON_INITDB_ARGS, COMMON_SETTINGS, STATEMENT_SETTINGS } from './postgres-settings.ts';
import { copyTree, publishDirectory } from './publish.ts';
import { runProgram } from './run-program.ts';
import { RUN_MARKER } from './run-processes.ts';

const INITDB_ARGS = [...COMMON_INITDB_ARGS, '--no-sync'];

/** The longest path a unix socket may have (`sun_path`, less its end mark). */
const SOCKET_PATH_LIMIT_BYTES = process.platform === 'linux' ? 107 : 103;

export interface PostgresFolders {
  readonly home: string;
  readonly data: string;
  readonly socket: string;
}

export interface DataOptions {
  readonly binaries: PostgresBinaries;
  readonly folders: PostgresFolders;
  readonly port: number;
  readonly ledger: Ledger;
  readonly cache: string;
  readonly signal: AbortSignal;
}

export function postgresFolders(home: string): PostgresFolders {
  return { home, data: join(home, 'data'), socket: join(home, 's') };
}

/** Makes a data directory ready to be started: a copy of the template, which is made first if this machine has none yet. */
export async function prepareData(options: DataOptions): Promise<void> {
  const { binaries, folders, port } = options;
  requireSocketPath(folders.socket, port);
  for (const path of [folders.home, folders.socket]) {
    await mkdir(path, { mode: 0o700 });
    if (binaries.runAs.uid !== undefined) await chown(path, binaries.runAs.uid, binaries.runAs.gid ?? binaries.runAs.uid);
  }
  const template = templatePath(options);
  if (!(await copyTemplate(template, options))) {
    await initialise(options);
    await keepAsTemplate(template, options);
  }
  await appendFile(join(folders.data, 'postgresql.conf'), settings(options));
}

/** Template data directory of these binaries; a damaged one is replaced after `forgetTemplate`. */
function templatePath({ binaries, cache }: Pick<DataOptions, 'binaries' | 'cache'>): string {
  const key = JSON.stringify([binaries.version, binaries.place.binDir, binaries.runAs.uid ?? null, INITDB_ARGS]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 10);
  return join(cache, `pgdata-template-${binaries.version.replace(/[^\w.]/g, '_')}-${hash}`);
}

/** After a failed start: the next run makes a new template, should this one be damaged. */
export async function forgetTemplate(options: Pick<DataOptions, 'binaries' | 'cache'>): Promise<void> {
  await removeDirectory(templatePath(options));
}

async function copyTemplate(template: string, { folders, ledger, signal }: DataOptions): Promise<boolean> {
  if (!existsSync(join(template, 'PG_VERSION'))) return false;
  try {
    await copyTree(template, folders.data, ledger, signal);
    return true;
  } catch {
    signal.throwIfAborted();
    await removeDirectory(folders.data); // another user's template, or one just replaced: make the data directory anew
    return false;
  }
}

async function initialise({ binaries, folders, ledger, signal }: DataOptions): Promise<void> {
  const result = await runProgram(join(binaries.place.binDir, 'initdb'), [...INITDB_ARGS, '-D', folders.data], {
    cwd: folders.home,
    env: { PATH: '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC', ...libraryEnv(binaries.place), [RUN_MARKER]: ledger.runId },
    ...binaries.runAs,
    signal,
  });
  signal.throwIfAborted();
  if (result.code === 0) return;
  const said = (result.stderr || result.stdout).trim();
  throw new MusterError(`initdb of Postgres ${binaries.version} failed: ${said}`, {
    code: 'MUSTER_INITDB',
    blame: 'environment',
    hint: tellsFullDisk(said)
      ? 'Free space there, or set TMPDIR to a directory on another disk.'
      : 'Check that the temporary directory may be entered by an unprivileged user.',
  });
}

/** A cache that cannot be written only costs the next run half a second. */
async function keepAsTemplate(template: string, { folders, ledger, signal }: DataOptions): Promise<void> {
  try {
    await publishDirectory(template, ledger, (staging) => copyTree(folders.data, staging, ledger, signal));
  } catch {
    signal.throwIfAborted();
  }
}

function settings({ binaries, folders, port, ledger }: DataOptions): string {
  const statements = binaries.extensionVersion('pg_stat_statements') !== null;
  return [
    '',
    `cluster_name = '${clusterName(ledger.runId)}'`,
    `listen_addresses = '127.0.0.1'`,
    `port = ${String(port)}`,
    `unix_socket_directories = '${folders.socket.replaceAll("'", "''")}'`,
    'unix_socket_permissions = 0700',
    // In the data directory, so that it goes with it even after a SIGKILL.
    'dynamic_shared_memory_type = mmap',
    ...(statements ? STATEMENT_SETTINGS : []),
    ...COMMON_SETTINGS,
    '',
  ].join('\n');
}

function requireSocketPath(folder: string, port: number): void {
  const path = join(folder, `.s.PGSQL.${String(port)}`);
  if (Buffer.byteLength(path) <= SOCKET_PATH_LIMIT_BYTES) return;
  throw new MusterError(
    `The path of Postgres' socket has ${String(Buffer.byteLength(path))} bytes, at most ${String(SOCKET_PATH_LIMIT_BYTES)} are possible: ${path}`,
    {
      code: 'MUSTER_SOCKET_PATH',
      blame: 'environment',
      hint: 'Set TMPDIR to a directory with a shorter path.',
    },
  );
}
