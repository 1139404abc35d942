import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';
import { contested } from './append-ledger.ts';
import { type Answered, contend } from './contention.ts';
import { deadlocksIn, type LoggedDeadlock, serializationFailuresIn } from './deadlock-log.ts';
import { makeKeys } from './register.ts';
import { serverLog, writeToLog } from './server-log.ts';
import { settledCounter } from './settled-counter.ts';
import { databaseAdmin, scalar, withPostgres } from './stores.ts';

const COUNTER = 'select deadlocks from pg_stat_database where datname = current_database()';
const NOT_SHOWN = 'what the server writes does not come through';
const ENGLISH = /^(?:|C|POSIX|C\..*|en.*)$/i;

/** What concurrent work on the same rows did to the database, as three sources saw it. */
export interface Contended {
  readonly answers: readonly Answered[];
  /** Acknowledged appends that were under way together with another one on the same key. */
  readonly contested: number;
  /** null: the log could not be read; `unread` says why. */
  readonly logged: { readonly deadlocks: readonly LoggedDeadlock[]; readonly serialization: number } | null;
  readonly unread: string;
  /** How far the server's own counter of deadlocks rose, and whether it was waited for. */
  readonly counted: number;
  readonly isSettled: boolean;
  readonly fault: string | null;
}

/** Many agents append to the same few keys at the same time. */
export async function contendOnDatabase(run: SuiteRun): Promise<Contended> {
  const adminUrl = await databaseAdmin(run);
  const { name } = await run.service('postgres');
  const counter = (): Promise<number> => withPostgres(adminUrl, async (client) => Number(await scalar(client, COUNTER)));
  const language = await withPostgres(adminUrl, async (client) => String(await scalar(client, 'show lc_messages')));
  const mark = `muster begins ${randomUUID()}`;
  await writeToLog(adminUrl, mark);
  const before = await counter();
  const { answers, fault } = await contend(run, await makeKeys(run, 3), run.sized({ quick: 150, full: 500 }));
  const lines = ENGLISH.test(language) ? await serverLog(run, name, (text) => writeToLog(adminUrl, text)) : null;
  // The log is exact at once; without it the counter is all there is, and it lags.
  const isSettled = lines === null;
  const after = isSettled ? await settledCounter(counter, before, run) : await counter();
  return {
    answers,
    contested: contested(answers),
    logged: lines === null ? null : readLog(since(mark, lines)),
    unread: ENGLISH.test(language) ? (run.cannot('logs') ?? NOT_SHOWN) : `the server writes its log in the language ${language}`,
    counted: Math.max(0, after - before),
    isSettled,
    fault,
  };
}

function readLog(lines: readonly string[]): NonNullable<Contended['logged']> {
  return { deadlocks: deadlocksIn(lines), serialization: serializationFailuresIn(lines) };
}

/** All of them when so much was written that the mark is out of sight. */
function since(mark: string, lines: readonly string[]): readonly string[] {
  return lines.slice(lines.findIndex((line) => line.includes(mark)) + 1);
}
