import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processInfo } from '../../harness/supervisor.ts';

/** The process that holds the stack of a folder. */
export interface Keeper {
  readonly pid: number;
  /** Resolves when the process is gone; there is no event for a process that is not ours, so it is asked for. */
  ended(): Promise<void>;
}

interface Stored {
  readonly pid: number;
  readonly startTime: string;
}

function fileFor(folder: string): string {
  return join(tmpdir(), 'muster-up', `${createHash('sha256').update(folder).digest('hex').slice(0, 16)}.json`);
}

/** The right to hold the stack of a folder: taken by whoever made the file, given back by nobody else. */
export interface Claim {
  /** Who has it already; null: this process has it now. */
  readonly holder: Keeper | null;
  release(): Promise<void>;
}

/** Takes the folder for this process unless a living one has it. A dead one's claim is taken over. */
export async function claimFolder(folder: string): Promise<Claim> {
  const file = fileFor(folder);
  await mkdir(join(tmpdir(), 'muster-up'), { recursive: true });
  const holder = await keeperOf(folder);
  if (holder !== null) return { holder, release: async () => {} };
  await rm(file, { force: true });
  const stored: Stored = { pid: process.pid, startTime: processInfo(process.pid)?.startTime ?? '' };
  try {
    await writeFile(file, JSON.stringify(stored), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return { holder: await keeperOf(folder), release: async () => {} };
  }
  return { holder: null, release: () => rm(file, { force: true }) };
}

/** The living keeper of the folder, identified by pid and start time; null when there is none. */
export async function keeperOf(folder: string): Promise<Keeper | null> {
  const stored = await read(fileFor(folder));
  if (stored === null || !alive(stored)) return null;
  return {
    pid: stored.pid,
    async ended() {
      while (alive(stored)) await delay(50);
    },
  };
}

function alive({ pid, startTime }: Stored): boolean {
  return processInfo(pid)?.startTime === startTime;
}

async function read(file: string): Promise<Stored | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Stored;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
