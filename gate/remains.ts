import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Looks again and again, because another process does the cleaning; resolves with what is left when nothing is or the time is up. */
export async function untilNothing(look: () => Promise<readonly string[]>, withinMs: number): Promise<readonly string[]> {
  const end = performance.now() + withinMs;
  for (;;) {
    const left = await look();
    if (left.length === 0 || performance.now() > end) return left;
    await delay(100);
  }
}

/** Every process that was started with, works in, or was told of a run's own temporary folder: services, stores, runner, watchdog. */
export async function processesOf(tmp: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
    const cmdline = await readOrEmpty(`/proc/${pid}/cmdline`);
    const traces = [await readOrEmpty(`/proc/${pid}/environ`), cmdline, await workingDirectory(pid)];
    if (traces.some((trace) => trace.includes(tmp))) found.push(`pid ${pid}: ${cmdline.replaceAll('\0', ' ')}`);
  }
  return found;
}

/** What a run left in the temporary folder that it had to itself, its ledger among it; `report` is to stay. */
export async function directoriesIn(tmp: string): Promise<readonly string[]> {
  const entries = (await readdir(tmp)).filter((name) => name !== 'report' && name !== 'muster-ledgers');
  return [...entries, ...(await ledgersIn(tmp))];
}

export async function ledgersIn(tmp: string): Promise<readonly string[]> {
  return await readdir(join(tmp, 'muster-ledgers')).catch(() => []);
}

async function workingDirectory(pid: string): Promise<string> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

/** A process may end while it is looked at; then there is nothing to read. */
async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isGone(error)) return '';
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return ['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '');
}
