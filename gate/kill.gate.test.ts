import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../harness/load/index.ts';
import { ON_THIS_MACHINE } from './run-muster.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** How often the supervisor is killed; the full proof is MUSTER_KILLS=20. */
const KILLS = Number(process.env['MUSTER_KILLS'] ?? 4);
const LATEST_MS = 20_000;
const CLEAN_WITHIN_MS = 5_000;
const random = seededRandom(20_261_121);

describe('kill -9 of the supervisor', () => {
  it.concurrent.each(Array.from({ length: KILLS }, () => ({ afterMs: Math.round(300 + random() * LATEST_MS) })))(
    'after $afterMs ms leaves no process and no directory',
    async ({ afterMs }) => {
      const tmp = await mkdtemp(join(tmpdir(), 'mk-'));
      await chmod(tmp, 0o711);
      const child = spawn(
        process.execPath,
        [join(ROOT, 'dist/scripts/muster.js'), 'validate', '--profile', 'quick', '--out', join(tmp, 'report')],
        {
          cwd: ROOT,
          env: { ...process.env, ...ON_THIS_MACHINE, TMPDIR: tmp },
          stdio: 'ignore',
        },
      );
      const ended = once(child, 'exit');
      await Promise.race([delay(afterMs), ended]);
      child.kill('SIGKILL');
      await ended;
      const left = await leftAfter(tmp, CLEAN_WITHIN_MS);
      await rm(tmp, { recursive: true, force: true });
      expect(left).toEqual([]);
    },
  );
});

/** What is still there when the time is up; looks again and again because another process does the cleaning. */
async function leftAfter(tmp: string, withinMs: number): Promise<readonly string[]> {
  const end = performance.now() + withinMs;
  for (;;) {
    const left = [...(await processesOf(tmp)), ...(await directoriesIn(tmp))];
    if (left.length === 0 || performance.now() > end) return left;
    await delay(100);
  }
}

/** Every process that was started with, works in, or was told of the run's own temporary folder: services, stores, runner, watchdog. */
async function processesOf(tmp: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/u.test(name))) {
    const cmdline = await readOrEmpty(`/proc/${pid}/cmdline`);
    const traces = [await readOrEmpty(`/proc/${pid}/environ`), cmdline, await workingDirectory(pid)];
    if (traces.some((trace) => trace.includes(tmp))) found.push(`pid ${pid}: ${cmdline.replaceAll('\0', ' ')}`);
  }
  return found;
}

async function directoriesIn(tmp: string): Promise<readonly string[]> {
  const entries = (await readdir(tmp)).filter((name) => name !== 'report' && name !== 'muster-ledgers');
  const ledgers = await readdir(join(tmp, 'muster-ledgers')).catch(() => []);
  return [...entries, ...ledgers];
}

async function workingDirectory(pid: string): Promise<string> {
  try {
    return await readlink(`/proc/${pid}/cwd`);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}

/** A process may end while it is looked at; then there is nothing to read. */
async function readOrEmpty(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
}
