import { existsSync, readFileSync } from 'node:fs';

/** One thing a run has made, or is about to make. A process is named by pid and start time: numbers are reused. */
export type LedgerEntry =
  | { readonly kind: 'owner' | 'watchdog'; readonly pid: number; readonly startTime: string }
  | { readonly kind: 'directory'; readonly path: string }
  | EngineEntry
  /** Everything that needs no engine was cleaned; only what is on an engine that did not answer may be left. */
  | { readonly kind: 'cleaned' }
  | {
      readonly kind: 'process';
      readonly pid: number;
      readonly startTime: string;
      readonly service: string;
      /** The signal on which it ends at once without leaving anything behind. */
      readonly endSignal: NodeJS.Signals;
    };

/** A container engine on which the run makes things; which ones is told by their labels, so that one row is enough. */
export interface EngineEntry {
  readonly kind: 'engine';
  /** As in DOCKER_HOST. */
  readonly address: string;
  /** The compose project of the run. */
  readonly project: string;
}

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
  if (row['kind'] === 'engine') return parseEngine(row);
  return row['kind'] === 'cleaned' ? { kind: 'cleaned' } : parseProcess(row);
}

function parseProcess({ kind, pid, startTime, service, endSignal }: Readonly<Record<string, unknown>>): LedgerEntry | null {
  // 0 and below would mean whole process groups, 1 is the system's.
  if (typeof pid !== 'number' || !Number.isSafeInteger(pid) || pid < 2 || typeof startTime !== 'string') return null;
  if (kind === 'owner' || kind === 'watchdog') return { kind, pid, startTime };
  if (kind !== 'process' || typeof service !== 'string') return null;
  return { kind, pid, startTime, service, endSignal: END_SIGNALS.find((signal) => signal === endSignal) ?? 'SIGTERM' };
}

const ENGINE_ADDRESS = /^(?:unix:\/\/\/|(?:tcp|https?):\/\/[^/])/u;
const PROJECT = /^muster-[a-z0-9_-]+$/u;

function parseEngine({ address, project }: Readonly<Record<string, unknown>>): EngineEntry | null {
  if (typeof address !== 'string' || !ENGINE_ADDRESS.test(address)) return null;
  return typeof project === 'string' && PROJECT.test(project) ? { kind: 'engine', address, project } : null;
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
