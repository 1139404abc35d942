import { existsSync, readFileSync } from 'node:fs';

/** One thing a run has made, or is about to make. A process is named by pid and start time: numbers are reused. */
export type LedgerEntry =
  | { readonly kind: 'owner' | 'watchdog'; readonly pid: number; readonly startTime: string }
  | { readonly kind: 'directory'; readonly path: string }
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly startTime: string;
      readonly service: string;
      /** The signal on which it ends at once without leaving anything behind. */
      readonly endSignal: NodeJS.Signals;
    };

/** The rows of a ledger file; a last line cut short by a crash is left out. Empty when the file is gone. */
export function readLedger(path: string): LedgerEntry[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => parseEntry(line) ?? []);
}

/** null for a line that is none of ours, or was cut short. */
export function parseEntry(line: string): LedgerEntry | null {
  const row = parseObject(line);
  if (row['kind'] === 'directory') return typeof row['path'] === 'string' ? { kind: 'directory', path: row['path'] } : null;
  const { kind, pid, startTime, service, endSignal } = row;
  // 0 and below would mean whole process groups, 1 is the system's.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 2 || typeof startTime !== 'string') return null;
  if (kind === 'owner' || kind === 'watchdog') return { kind, pid, startTime };
  if (kind !== 'process' || typeof service !== 'string') return null;
  return { kind, pid, startTime, service, endSignal: END_SIGNALS.find((signal) => signal === endSignal) ?? 'SIGTERM' };
}

const END_SIGNALS: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGQUIT'];

function parseObject(line: string): Readonly<Record<string, unknown>> {
  try {
    const row: unknown = JSON.parse(line);
    return typeof row === 'object' && row !== null ? { ...row } : {};
  } catch {
    return {}; // an empty line, or one cut short
  }
}
