import { existsSync } from 'node:fs';
import { chmod, mkdir, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { removeDirectory } from './clean-up.ts';
import type { Ledger } from './ledger.ts';
import { runProgram } from './run-program.ts';
import { RUN_MARKER } from './run-processes.ts';

/**
 * Makes the directory `path` of the cache: `fill` writes it elsewhere, then it gets its name in one step. Runs that race make it
 * twice and one wins; a run that is killed meanwhile leaves only what its ledger names.
 */
export async function publishDirectory(path: string, ledger: Ledger, fill: (staging: string) => Promise<void>): Promise<void> {
  const staging = `${path}.staging-${ledger.runId}`;
  ledger.add({ kind: 'directory', path: staging });
  if ((await mkdir(dirname(path), { recursive: true })) !== undefined) await chmod(dirname(path), 0o755);
  try {
    await fill(staging);
    await rename(staging, path);
  } catch (error) {
    await removeDirectory(staging);
    if (!existsSync(path)) throw error;
  }
}

/**
 * Copies a directory tree with owners and times, sharing blocks where the file system can.
 * @throws Error with what `cp` said.
 */
export async function copyTree(from: string, to: string, ledger: Ledger, signal?: AbortSignal): Promise<void> {
  const options = {
    cwd: dirname(to),
    env: { PATH: '/bin:/usr/bin', [RUN_MARKER]: ledger.runId },
    ...(signal === undefined ? {} : { signal }),
  };
  if (process.platform === 'linux') {
    const cloned = await runProgram('cp', ['-a', '--reflink=auto', from, to], options);
    if (cloned.code === 0) return;
    signal?.throwIfAborted();
    await removeDirectory(to); // a cp without --reflink (BusyBox), or half a copy
  }
  const copied = await runProgram('cp', ['-Rp', from, to], options);
  signal?.throwIfAborted();
  if (copied.code !== 0) throw new Error(copied.stderr.trim());
}
