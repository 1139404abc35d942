import { appendFileSync, existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { monotonicMs } from '../model/clock.ts';
import { BRIEF, cleanUpRun } from './clean-up.ts';
import { enginesOf, type Patience } from './clean-up-engines.ts';
import { ledgersDir } from './ledger.ts';
import { type LedgerEntry, readLedger } from './ledger-entry.ts';
import { isSameProcess } from './process-table.ts';

/** A ledger without its first row is left alone this long: its run may just be starting. */
const OWNERLESS_MS = 60_000;

/** So many ledgers are cleaned at once, and no more are begun after so many milliseconds: the next run goes on. */
const AT_ONCE = 8;
const BEGIN_WITHIN_MS = 10_000;

interface DeadLedger {
  readonly path: string;
  readonly runId: string;
  readonly entries: readonly LedgerEntry[];
}

/**
 * Cleans what dead runs of this user have left behind: runs whose supervisor is gone and whose watchdog is gone too.
 * Returns what was cleaned and what could not be, in words; empty when there was nothing to do. Where an engine does not answer this
 * is said once; the ledger stays, and later sweeps look again.
 */
export async function sweepDeadLedgers(dir: string = ledgersDir()): Promise<string[]> {
  const dead = deadLedgers(dir);
  const patience = { ...BRIEF, whyAbsent: oncePerAddress(BRIEF.whyAbsent) };
  const startedMs = monotonicMs();
  const words: string[] = [];
  for (let next = 0; next < dead.length && monotonicMs() - startedMs < BEGIN_WITHIN_MS; next += AT_ONCE) {
    const said = await Promise.all(dead.slice(next, next + AT_ONCE).map((ledger) => sweep(ledger, patience)));
    words.push(...said.flat());
  }
  return words;
}

/** Ledgers of dead runs that are still there. */
export function deadLedgers(dir: string = ledgersDir()): DeadLedger[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir)
    .filter((name) => name.endsWith('.ndjson'))
    .flatMap((name) => {
      const path = join(dir, name);
      const entries = isOwnFile(path) ? readLedger(path) : null;
      return entries !== null && isDead(entries, path) ? [{ path, runId: basename(name, '.ndjson'), entries }] : [];
    });
}

async function sweep({ path, runId, entries }: DeadLedger, patience: Patience): Promise<string[]> {
  const scope = { runId, entries };
  const known = entries.some(({ kind }) => kind === 'cleaned');
  if (known && (await noneAnswers(enginesOf(scope), patience))) return [];
  const { done, left, unknown } = await cleanUpRun(scope, patience);
  if (left.length === 0 && unknown.length === 0) rmSync(path, { force: true });
  if (left.length === 0 && unknown.length > 0 && !known) appendFileSync(path, `${JSON.stringify({ kind: 'cleaned' })}\n`);
  const words = [
    ...done,
    ...left.map((what) => `could not clean ${what}`),
    ...unknown.map((what) => `${what}; later runs look again until ${path} is deleted`),
  ];
  return words.map((what) => `run ${runId}: ${what}`);
}

async function noneAnswers(addresses: readonly string[], patience: Patience): Promise<boolean> {
  const reasons = await Promise.all(addresses.map((address) => patience.whyAbsent(address)));
  return reasons.every((reason) => reason !== null);
}

function oncePerAddress(ask: Patience['whyAbsent']): Patience['whyAbsent'] {
  const asked = new Map<string, Promise<string | null>>();
  return (address) => {
    const answer = asked.get(address) ?? ask(address);
    asked.set(address, answer);
    return answer;
  };
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
