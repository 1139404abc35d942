import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { listProcesses, type ProcessInfo, sendSignal, wasStartedWith, withDescendants, workingDirectoryOf } from './process-table.ts';

/** In the environment of everything a run starts, with the run's id as value. */
export const RUN_MARKER = 'MUSTER_RUN';

/** Folder of the run directory in which stores run: whoever works in there belongs to the run. */
export const STORES_FOLDER = 'stores';

export interface RunScope {
  readonly runId: string;
  readonly entries: readonly LedgerEntry[];
}

/**
 * The live processes of a run: those in its ledger, their sessions, whoever carries its marker or works in its stores, and all
 * their descendants. Several signs, because each can be missing: the ledger row when the run died between start and
 * registration, the marker when a program (Postgres, Redis) overwrites its environment with its title.
 */
export function findRunProcesses({ runId, entries }: RunScope): ProcessInfo[] {
  const table = listProcesses();
  const byPid = new Map(table.map((info) => [info.pid, info]));
  const registered = new Map(entries.flatMap((entry) => (entry.kind === 'process' ? [[entry.pid, entry.startTime] as const] : [])));
  const stores = entries.flatMap((entry) => (entry.kind === 'directory' ? [`${entry.path}/${STORES_FOLDER}/`] : []));
  const spared = new Set([
    process.pid,
    ...entries.flatMap((entry) => (entry.kind === 'owner' || entry.kind === 'watchdog' ? [entry.pid] : [])),
  ]);
  const isRegistered = (pid: number): boolean => {
    const startTime = registered.get(pid);
    return startTime !== undefined && byPid.get(pid)?.startTime === startTime;
  };
  // A number stays taken while its session has members: an absent leader can only be ours, a present one must be the same process.
  const inSession = ({ sessionId }: ProcessInfo): boolean =>
    registered.has(sessionId) && (!byPid.has(sessionId) || isRegistered(sessionId));
  const belongs = (info: ProcessInfo): boolean =>
    isRegistered(info.pid) ||
    inSession(info) ||
    wasStartedWith(info.pid, `${RUN_MARKER}=${runId}`) ||
    stores.some((folder) => workingDirectoryOf(info.pid)?.startsWith(folder) === true);
  const candidates = table.filter((info) => !spared.has(info.pid));
  return withDescendants(candidates.filter(belongs), candidates);
}

/**
 * Ends every process of the run: continued if stopped, asked, killed after `graceMs`; looks again until `quietMs` have passed
 * without any, because a fork may be under way. Returns what is still alive at `deadlineMs` (normally nothing).
 */
export async function endRunProcesses(
  scope: RunScope,
  limits: { readonly graceMs: number; readonly quietMs: number; readonly deadlineMs: number },
): Promise<{ readonly ended: readonly ProcessInfo[]; readonly alive: readonly ProcessInfo[] }> {
  const startedMs = monotonicMs();
  const seenAtMs = new Map<string, number>();
  const asked = new Set<string>();
  const ended = new Map<string, ProcessInfo>();
  let quietSinceMs: number | null = null;
  for (;;) {
    const nowMs = monotonicMs();
    const alive = findRunProcesses(scope);
    if (alive.length > 0) quietSinceMs = null;
    else quietSinceMs ??= nowMs;
    if (quietSinceMs !== null && nowMs - quietSinceMs >= limits.quietMs) return { ended: [...ended.values()], alive };
    if (nowMs - startedMs >= limits.deadlineMs) return { ended: [...ended.values()], alive };
    for (const info of alive) {
      const key = `${String(info.pid)}@${info.startTime}`;
      ended.set(key, info);
      const sinceMs = seenAtMs.get(key) ?? nowMs;
      seenAtMs.set(key, sinceMs);
      if (nowMs - sinceMs >= limits.graceMs) sendSignal(info.pid, 'SIGKILL');
      else if (!asked.has(key) && ask(info, alive, scope.entries)) asked.add(key);
    }
    await delay(20);
  }
}

/** Only the top of a tree is asked: a parent ends its children better than we do. All are continued, a stopped process hears nothing. */
function ask(info: ProcessInfo, alive: readonly ProcessInfo[], entries: readonly LedgerEntry[]): boolean {
  sendSignal(info.pid, 'SIGCONT');
  if (alive.some((other) => other.pid === info.parentPid)) return false;
  const row = entries.find((entry) => entry.kind === 'process' && entry.pid === info.pid);
  sendSignal(info.pid, row?.kind === 'process' ? row.endSignal : 'SIGTERM');
  return true;
}
