import { MusterError, messageOf } from './errors.ts';

/** What a file system refuses, by the code of the error. */
const REFUSALS: Readonly<Record<string, readonly [code: string, words: string]>> = {
  ENOSPC: ['MUSTER_DISK_FULL', 'the disk is full'],
  EDQUOT: ['MUSTER_DISK_FULL', 'the quota of the disk is used up'],
  EROFS: ['MUSTER_NOT_WRITABLE', 'the file system is read-only'],
  EACCES: ['MUSTER_NOT_WRITABLE', 'permission is denied'],
  EPERM: ['MUSTER_NOT_WRITABLE', 'it is not permitted'],
  EMFILE: ['MUSTER_OPEN_FILES', 'this process has too many open files'],
  ENFILE: ['MUSTER_OPEN_FILES', 'this machine has too many open files'],
};

const HINTS: Readonly<Record<string, string>> = {
  MUSTER_DISK_FULL: 'Free space there, or choose another disk: TMPDIR for temporary files, --out for the reports.',
  MUSTER_NOT_WRITABLE: 'Make it writable, or choose another place: TMPDIR for temporary files, --out for the reports.',
  MUSTER_OPEN_FILES: 'Raise the limit (`ulimit -n`), or end processes that hold many files open.',
};

/** Codes that are never our own mistake, whatever was being done. */
const SURELY_MACHINE: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EMFILE', 'ENFILE']);

/** @param path what could not be written. null when the error is about something else than a file system that refuses. */
export function refusedWrite(error: unknown, path: string): MusterError | null {
  const errno = errnoOf(error);
  const refusal = errno === null ? undefined : REFUSALS[errno];
  if (errno === null || refusal === undefined) return null;
  const [code, words] = refusal;
  return new MusterError(`${path} could not be written: ${words} (${errno}).`, {
    code,
    blame: 'environment',
    hint: HINTS[code] ?? '',
    cause: error,
  });
}

/** An error that nobody named as what it is: a full disk and the like is the machine's doing, anything else stays as it was thrown. */
export function asMachineError(error: unknown): unknown {
  const errno = errnoOf(error);
  if (errno === null || !SURELY_MACHINE.has(errno)) return error;
  const path = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : 'A file';
  return refusedWrite(error, path) ?? error;
}

/** Whether a program says in its own words that the disk is full. */
export function tellsFullDisk(text: string): boolean {
  return /no space left on device|disk quota exceeded|\bENOSPC\b/i.test(text);
}

function errnoOf(error: unknown): string | null {
  if (error instanceof MusterError || !(error instanceof Error)) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return /^(E[A-Z]+): /.exec(messageOf(error))?.[1] ?? null;
}
