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

export async function rememberKeeper(folder: string): Promise<void> {
  const file = fileFor(folder);
  await mkdir(join(tmpdir(), 'muster-up'), { recursive: true });
  const stored: Stored = { pid: process.pid, startTime: processInfo(process.pid)?.startTime ?? '' };
  await writeFile(file, JSON.stringify(stored), { mode: 0o600 });
}

export async function forgetKeeper(folder: string): Promise<void> {
  await rm(fileFor(folder), { force: true });
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
