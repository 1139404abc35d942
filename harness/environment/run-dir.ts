import { chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, MusterError } from '../model/errors.ts';
import { refusedWrite } from '../model/machine-errors.ts';
import type { Ledger } from './ledger.ts';

/**
 * Makes the run's temporary directory and returns its absolute path. Others may pass through it (Postgres runs as an unprivileged
 * user when we are root) but not list it.
 */
export async function createRunDir(runId: string, ledger: Ledger): Promise<string> {
  const path = join(tmpdir(), `muster-${runId}`);
  ledger.add({ kind: 'directory', path });
  try {
    await mkdir(path, { mode: 0o700 });
    await chmod(path, 0o711); // whatever the umask
  } catch (error) {
    const refused = refusedWrite(error, `The run directory ${path}`);
    if (refused !== null) throw refused;
    throw new MusterError(`The run directory ${path} could not be created: ${messageOf(error)}.`, {
      code: 'MUSTER_RUN_DIR',
      blame: 'environment',
      hint: 'Make the temporary directory writable and free of what an earlier run left, or set TMPDIR.',
      cause: error,
    });
  }
  return path;
}
