import { execFile } from 'node:child_process';
import { chown, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { postgresProgram, type Program } from './binaries.ts';

/** Where the workers of a test run find a data directory to copy; unset, each store makes its own. */
export const TEMPLATE = 'MUSTER_TEST_POSTGRES_DATA';

const NOBODY = 65_534;
/** Postgres refuses to run as root. */
export const OWNER = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const run = promisify(execFile);

export async function ownDirectory(prefix: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), prefix));
  if (OWNER.uid !== undefined) await chown(directory, OWNER.uid, OWNER.gid);
  return directory;
}

/** A new data directory within `directory`: a copy of the template where there is one, as making one takes a second. */
export async function dataDirectory(directory: string): Promise<string> {
  const data = join(directory, 'data');
  const template = process.env[TEMPLATE];
  if (template === undefined) await initialise(data, directory);
  else await run('cp', ['-Rp', template, data]);
  return data;
}

async function initialise(data: string, cwd: string): Promise<void> {
  const initdb = postgresProgram('initdb');
  await run(initdb.path, ['-D', data, '-U', 'admin', '-A', 'trust', '--no-sync', '--no-locale', '-E', 'UTF8'], {
    ...OWNER,
    cwd,
    env: envOf(initdb),
  });
}

export function envOf({ libraries }: Program): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', ...(libraries === null ? {} : { LD_LIBRARY_PATH: libraries }) };
}
