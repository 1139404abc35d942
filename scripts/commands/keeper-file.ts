import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MusterError } from '../../harness/model/errors.ts';
import { refusedWrite } from '../../harness/model/machine-errors.ts';
import { processInfo } from '../../harness/supervisor.ts';

const OTHERS_MAY_WRITE = 0o022;

/** The process that holds the stack of a folder, as its file says. */
export interface Keeper {
  readonly pid: number;
  /** Together with `pid` it names the process even after the number is reused. */
  readonly startTime: string;
  readonly folder: string;
  /** null until the stack is up. */
  readonly stack: KeptStack | null;
  /** null until the run is open: nothing was made yet. */
  readonly ledgerPath: string | null;
}

export interface KeptStack {
  readonly runId: string;
  readonly target: string;
  readonly provider: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly socketPath: string;
}

/** The right to hold the stack of a folder: taken by whoever made the file, given back by nobody else. */
export interface Claim {
  /** Adds what became known of the stack. */
  update(known: Partial<Pick<Keeper, 'stack' | 'ledgerPath'>>): Promise<void>;
  release(): Promise<void>;
}

/**
 * Takes the folder for this process. A dead one's claim is taken over.
 * @throws MusterError (config) when a living process has it.
 */
export async function claimFolder(folder: string): Promise<Claim> {
  const file = join(await prepareKeepersDir(), fileName(folder));
  const dead = await read(file);
  if (dead !== null && isAlive(dead)) throw alreadyUp(dead);
  if (dead !== null) await rm(file, { force: true });
  let mine: Keeper = { pid: process.pid, startTime: processInfo(process.pid)?.startTime ?? '', folder, stack: null, ledgerPath: null };
  try {
    await writeFile(file, JSON.stringify(mine), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw alreadyUp(await read(file));
    await rm(file, { force: true }); // half of it would keep everybody away
    throw refusedWrite(error, `The file ${file}, which names the holder of the stack,`) ?? error;
  }
  return {
    async update(known) {
      mine = { ...mine, ...known };
      const next = `${file}.${String(process.pid)}`;
      await writeFile(next, JSON.stringify(mine), { mode: 0o600 });
      await rename(next, file); // nobody reads half of it
    },
    release: () => forget(mine),
  };
}

/** The keeper of the folder, alive or dead; null when there is none. */
export async function keeperOf(folder: string): Promise<Keeper | null> {
  const dir = await ownKeepersDir();
  return dir === null ? null : read(join(dir, fileName(folder)));
}

/** The keepers of every folder of this user, alive or dead. */
export async function allKeepers(): Promise<readonly Keeper[]> {
  const dir = await ownKeepersDir();
  if (dir === null) return [];
  const names = await readdir(dir);
  const keepers = await Promise.all(names.filter((name) => name.endsWith('.json')).map((name) => read(join(dir, name))));
  return keepers.filter((keeper) => keeper !== null);
}

export function isAlive({ pid, startTime }: Pick<Keeper, 'pid' | 'startTime'>): boolean {
  return processInfo(pid)?.startTime === startTime;
}

/** Removes the file of a keeper that is gone; a new keeper's file stays. */
export async function forget(keeper: Keeper): Promise<void> {
  const now = await keeperOf(keeper.folder);
  if (now !== null && now.pid === keeper.pid && now.startTime === keeper.startTime)
    await rm(join(keepersDir(), fileName(keeper.folder)), { force: true });
}

export function alreadyUp(keeper: Keeper | null): MusterError {
  const what = keeper?.stack ? `A stack of "${keeper.stack.target}" (${keeper.stack.provider}) is` : 'A stack is';
  const since = keeper?.stack ? ` since ${keeper.stack.startedAt}` : '';
  const pid = keeper === null ? '' : ` (pid ${String(keeper.pid)})`;
  return new MusterError(`${what} already up from this folder${since}${pid}.`, {
    code: 'MUSTER_ALREADY_UP',
    blame: 'config',
    hint: 'Work with it (`muster status`, `muster validate --reuse`), or end it with `muster down` first.',
  });
}

function keepersDir(): string {
  return join(tmpdir(), `muster-up-${String(process.getuid?.() ?? 'user')}`);
}

async function prepareKeepersDir(): Promise<string> {
  const dir = keepersDir();
  if ((await mkdir(dir, { recursive: true, mode: 0o700 })) !== undefined) await chmod(dir, 0o700); // whatever the umask
  return (await ownKeepersDir()) ?? dir;
}

/**
 * The directory of the keepers' files; null when nobody has made it. What they say is believed (which process to end, which socket to
 * open), so only this user may be able to write there.
 * @throws MusterError (environment)
 */
async function ownKeepersDir(): Promise<string | null> {
  const dir = keepersDir();
  const stats = await orNone(lstat(dir));
  if (stats === null) return null;
  if (stats.isDirectory() && stats.uid === (process.getuid?.() ?? stats.uid) && (stats.mode & OTHERS_MAY_WRITE) === 0) return dir;
  throw new MusterError(
    `${dir} is not a directory that only this user may write to; the stacks that \`muster up\` holds are noted there.`,
    {
      code: 'MUSTER_KEEPERS_DIR',
      blame: 'environment',
      hint: 'Remove it, or set TMPDIR to another directory.',
    },
  );
}

function fileName(folder: string): string {
  return `${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.json`;
}

async function read(file: string): Promise<Keeper | null> {
  const text = await orNone(readFile(file, 'utf8'));
  return text === null ? null : parse(text);
}

/** null for what is none of ours, such as a file that was being written when the disk was full. */
function parse(text: string): Keeper | null {
  try {
    const value = JSON.parse(text) as Partial<Keeper>;
    if (typeof value.pid !== 'number' || typeof value.startTime !== 'string' || typeof value.folder !== 'string') return null;
    return { stack: null, ledgerPath: null, ...value, pid: value.pid, startTime: value.startTime, folder: value.folder };
  } catch {
    return null;
  }
}

async function orNone<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
