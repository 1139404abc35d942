import { existsSync, lstatSync, readdirSync, unlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { cleanUpRun } from './clean-up.ts';
import { ledgersDir } from './ledger.ts';
import { type LedgerEntry, readLedger } from './ledger-entry.ts';
import { isSameProcess } from './process-table.ts';

/** A ledger without its first row is left alone this long: its run may just be starting. */
const OWNERLESS_MS = 60_000;

/**
 * Cleans what dead runs of this user have left behind: runs whose supervisor is gone and whose watchdog is gone too.
 * Returns what was cleaned and what could not be, in words; empty when there was nothing to do.
 */
export async function sweepDeadLedgers(dir: string = ledgersDir()): Promise<string[]> {
  if (!existsSync(dir)) return [];
  const words: string[] = [];
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.ndjson'))) {
    const path = join(dir, file);
    const entries = isOwnFile(path) ? readLedger(path) : null;
    if (entries === null || !isDead(entries, path)) continue;
    const runId = basename(file, '.ndjson');
    const { done, left } = await cleanUpRun({ runId, entries });
    words.push(...done.map((what) => `run ${runId}: ${what}`), ...left.map((what) => `run ${runId}: could not clean ${what}`));
    if (left.length === 0 && existsSync(path)) unlinkSync(path);
  }
  return words;
}

function isDead(entries: readonly LedgerEntry[], path: string): boolean {
  const keepers = entries.flatMap((entry) => (entry.kind === 'owner' || entry.kind === 'watchdog' ? [entry] : []));
  if (!keepers.some((keeper) => keeper.kind === 'owner')) return ageMs(path) > OWNERLESS_MS;
  return !keepers.some(isSameProcess);
}

/** Only what this user wrote is believed: the directory is open to all. */
function isOwnFile(path: string): boolean {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.uid === (process.getuid?.() ?? stats.uid) && stats.nlink === 1;
}

function ageMs(path: string): number {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  return stats === undefined ? 0 : Date.now() - stats.mtimeMs;
}
