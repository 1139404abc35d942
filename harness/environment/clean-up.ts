import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, isAbsolute } from 'node:path';
import { cleanUpEngines, enginesOf, type Patience } from './clean-up-engines.ts';
import { endRunProcesses, findRunProcesses, type RunScope } from './run-processes.ts';
import { removeSegments } from './shared-memory.ts';

/** What a dead run left is asked to end for this long before it is killed. */
const GRACE_MS = 300;
/** No process may show up for this long: covers a fork that had not yet become its program. */
const QUIET_MS = 250;
const GIVE_UP_MS = 10_000;
/** Whoever still makes containers is ended first; what a frozen container holds can end only when the engine thaws it. */
const MAKERS_MS = 1_000;

/** One question to an engine, and the usual quiet: for whoever is being waited for. */
export const BRIEF: Patience = {
  absentMs: 0,
  quietMs: QUIET_MS,
  whyAbsent: async (address) => (await import('./containers/engine-probe.ts')).whyAbsent(address),
};

export interface CleanUp {
  /** What was cleaned, in words. */
  readonly done: readonly string[];
  /** What could not be cleaned, in words; empty when the run has left nothing. */
  readonly left: readonly string[];
  /** What nobody could look at, in sentences: an engine does not answer. */
  readonly unknown: readonly string[];
}

/**
 * Ends the processes of a run that has died, removes what it made on container engines, then its directories. Never rejects for
 * what it cannot clean: that is in `left` and `unknown`.
 */
export async function cleanUpRun(scope: RunScope, patience: Patience = BRIEF): Promise<CleanUp> {
  const done: string[] = [];
  const hasEngine = enginesOf(scope).length > 0;
  if (hasEngine) done.push(...(await endProcesses(scope, { quietMs: 0, deadlineMs: MAKERS_MS })));
  const [engines, ended] = await Promise.all([
    cleanUpEngines(scope, patience),
    endProcesses(scope, { quietMs: QUIET_MS, deadlineMs: GIVE_UP_MS }),
  ]);
  done.push(...engines.done, ...ended);
  for (const path of removableDirectories(scope)) {
    done.push(...(await removeSegments(path)));
    if (existsSync(path) && (await removeDirectory(path))) done.push(`removed directory ${path}`);
  }
  return { done, left: [...engines.left, ...leftoversOf(scope)], unknown: engines.unknown };
}

async function endProcesses(scope: RunScope, limits: { readonly quietMs: number; readonly deadlineMs: number }): Promise<string[]> {
  const { ended } = await endRunProcesses(scope, { graceMs: GRACE_MS, ...limits });
  return ended.map((info) => `ended process ${String(info.pid)} (${info.name})`);
}

/** What of a run is still on this machine, in words; engines are not asked. */
export function leftoversOf(scope: RunScope): string[] {
  return [
    ...findRunProcesses(scope).map((info) => `process ${String(info.pid)} (${info.name})`),
    ...removableDirectories(scope)
      .filter((path) => existsSync(path))
      .map((path) => `directory ${path}`),
  ];
}

/** Removes a directory tree; false when something in it resisted. */
export async function removeDirectory(path: string): Promise<boolean> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 40 });
    return true;
  } catch {
    return false; // reported as a leftover by whoever looks next
  }
}

/** Directories of the ledger that carry the run's id: a damaged ledger never makes us remove anything else. */
export function removableDirectories({ runId, entries }: RunScope): string[] {
  const paths = entries.flatMap((entry) => (entry.kind === 'directory' ? [entry.path] : []));
  return [...new Set(paths)].filter((path) => isAbsolute(path) && basename(path).includes(runId));
}
