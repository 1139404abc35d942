import { chmodSync, closeSync, existsSync, lstatSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf, MusterError } from '../model/errors.ts';
import { refusedWrite } from '../model/machine-errors.ts';
import { leftoversOf, removableDirectories } from './clean-up.ts';
import { enginesOf } from './clean-up-engines.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { processInfo } from './process-table.ts';

export interface Ledger {
  readonly runId: string;
  readonly path: string;
  /** Written before it returns, so that it is there whatever happens next. Directories are added before they are made. */
  add(entry: LedgerEntry): void;
  /** Adds a process just started; does nothing when it is already gone. */
  addProcess(process: { readonly pid: number; readonly service: string; readonly endSignal: NodeJS.Signals }): void;
  entries(): readonly LedgerEntry[];
  /**
   * Ends the run's bookkeeping: removes the directories still there, then the file. When a process or a directory is left, the file
   * stays and the next run's sweep goes on with it; so it does when the run used an engine, unless the caller found nothing of the
   * run on it. Harmless twice.
   */
  close(found?: { readonly onEngines: readonly string[] }): void;
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$/;

/** The directory of all ledgers of this host. */
export function ledgersDir(): string {
  return join(tmpdir(), 'muster-ledgers');
}

/**
 * Opens the ledger of a new run; its first row is this process.
 * @throws MusterError when the run id is not usable in a file name, or another run has it.
 */
export function openLedger({ runId }: { readonly runId: string }): Ledger {
  requireUsable(runId);
  const path = join(prepareLedgersDir(), `${runId}.ndjson`);
  const rows: LedgerEntry[] = [];
  const file = createFile(path, runId);
  const add = (entry: LedgerEntry): void => {
    writeRow(file, entry, path);
    rows.push(entry);
  };
  nameOwner(add, file, path);
  let open = true;
  return {
    runId,
    path,
    add,
    addProcess({ pid, service, endSignal }) {
      const startTime = processInfo(pid)?.startTime;
      if (startTime !== undefined) add({ kind: 'process', pid, startTime, service, endSignal });
    },
    entries: () => rows,
    close({ onEngines } = { onEngines: ['not looked at'] }) {
      if (!open) return;
      open = false;
      closeSync(file);
      for (const directory of removableDirectories({ runId, entries: rows })) tryToRemove(directory);
      const scope = { runId, entries: rows };
      const maybeOnEngines = enginesOf(scope).length > 0 && onEngines.length > 0;
      if (!maybeOnEngines && leftoversOf(scope).length === 0) rmSync(path, { force: true });
    },
  };
}

function requireUsable(runId: string): void {
  if (RUN_ID.test(runId)) return;
  throw new MusterError(
    `The run id ${JSON.stringify(runId)} cannot be used in file names: letters, digits, ".", "_" and "-" are expected.`,
    {
      code: 'MUSTER_RUN_ID',
      blame: 'harness',
      hint: 'Choose another run id.',
    },
  );
}

function nameOwner(add: Ledger['add'], file: number, path: string): void {
  try {
    add({ kind: 'owner', pid: process.pid, startTime: processInfo(process.pid)?.startTime ?? '' });
  } catch (error) {
    closeSync(file);
    rmSync(path, { force: true }); // without an owner nobody would ever clear it away
    throw error;
  }
}

function writeRow(file: number, entry: LedgerEntry, path: string): void {
  try {
    writeSync(file, `${JSON.stringify(entry)}\n`);
  } catch (error) {
    throw refusedWrite(error, `The ledger ${path}`) ?? error;
  }
}

function createFile(path: string, runId: string): number {
  try {
    return openSync(path, 'ax', 0o600);
  } catch (error) {
    const refused = refusedWrite(error, `The ledger ${path}`);
    if (refused !== null) throw refused;
    throw new MusterError(`The ledger of run "${runId}" could not be created: ${messageOf(error)}.`, {
      code: 'MUSTER_LEDGER',
      blame: 'environment',
      hint: 'Wait until the other run with this id has ended, or set TMPDIR to another directory.',
      cause: error,
    });
  }
}

/** Shared by all users of the host like the temporary directory itself: everybody may add, nobody may touch another's file. */
function prepareLedgersDir(): string {
  const dir = ledgersDir();
  if (!existsSync(dir)) makeLedgersDir(dir);
  if (lstatSync(dir).isDirectory()) return dir;
  throw new MusterError(`${dir} is not a directory; the ledgers of runs belong there.`, {
    code: 'MUSTER_LEDGER',
    blame: 'environment',
    hint: 'Remove it, or set TMPDIR to another directory.',
  });
}

function makeLedgersDir(dir: string): void {
  try {
    if (!existsSync(dirname(dir))) mkdirSync(dirname(dir), { recursive: true });
    mkdirSync(dir); // not recursively: of a file system that is read-only Node would say that it does not exist
    chmodSync(dir, 0o1777);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return; // another run was first
    throw refusedWrite(error, `The directory of ledgers ${dir}`) ?? error;
  }
}

function tryToRemove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 3 });
  } catch {
    return; // still there: found as a leftover right after
  }
}
