import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';
import { withPostgres } from './stores.ts';
import { lookUntil } from './until.ts';

const SHOWN_WITHIN_MS = 2_000;
const LINES = 2_000;

/**
 * The last lines of a Postgres server's log, up to this moment: a word of ours that is written now has come through. null when it does
 * not: the log goes elsewhere, or is not to be read, and what is not in it says nothing.
 */
export async function serverLog(
  run: Pick<SuiteRun, 'logTail' | 'signal' | 'cannot'>,
  name: string,
  write: (text: string) => Promise<unknown>,
): Promise<readonly string[] | null> {
  if (run.cannot('logs') !== null) return null;
  const mark = `muster ${randomUUID()}`;
  await write(mark);
  const isThere = (lines: readonly string[]): boolean => lines.some((line) => line.includes(mark));
  const lines = await lookUntil(() => run.logTail(name, LINES), isThere, { withinMs: SHOWN_WITHIN_MS, signal: run.signal });
  return isThere(lines) ? lines : null;
}

/** Writes a line into the server's log; the role must be allowed to raise it, as an administrator is. */
export async function writeToLog(adminUrl: string, text: string): Promise<void> {
  await withPostgres(adminUrl, (client) => client.query(`do $$ begin raise log '${text.replaceAll("'", "''")}'; end $$`));
}
