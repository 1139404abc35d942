import { check, type SuiteRun } from '../../harness/index.ts';
import { contested } from '../support/append-ledger.ts';
import { contend } from '../support/contention.ts';
import { makeKeys } from '../support/register.ts';
import { serverLog, writeToLog } from '../support/server-log.ts';
import { scalar, withPostgres } from '../support/stores.ts';
import { lookUntil } from '../support/until.ts';

/** An idle backend writes its counters out within 10 s. */
const COUNTER_LAG_MS = 12_000;
const NOT_SHOWN = 'what the server writes does not come through';
const COUNTER = 'select deadlocks from pg_stat_database where datname = current_database()';

check('database.deadlocks.count', async (run) => {
  const before = await deadlockCounter(run);
  const { appends, fault } = await contend(run, await makeKeys(run, 3), run.sized({ quick: 150, full: 500 }));
  const log = await logOf(run);
  const logged = log?.filter((line) => line.includes('deadlock detected')) ?? [];
  const counted = (await (log === null ? settledCounter(run, before) : deadlockCounter(run))) - before;
  const unclear = appends.filter(({ outcome }) => outcome === 'unknown').length;
  return {
    harnessFault: fault,
    observation: { kind: 'count', trials: contested(appends), count: Math.max(counted, logged.length), examples: logged.slice(0, 5) },
    witnesses: [
      { source: 'server log', saw: log === null ? (run.cannot('logs') ?? NOT_SHOWN) : `${logged.length} deadlock lines` },
      {
        source: 'pg_stat_database',
        saw: `counter rose by ${counted} (${log === null ? `watched for up to ${COUNTER_LAG_MS / 1000} s` : 'may lag by up to 10 s'})`,
      },
      { source: 'responses', saw: `${unclear} of ${appends.length} appends without a definite answer` },
    ],
  };
});

async function deadlockCounter(run: SuiteRun): Promise<number> {
  return withPostgres(await adminOf(run), async (client) => Number(await scalar(client, COUNTER)));
}

/** Without the log the counter is all there is: it is given the time that it may lag. */
async function settledCounter(run: SuiteRun, before: number): Promise<number> {
  return withPostgres(await adminOf(run), (client) =>
    lookUntil(
      async () => Number(await scalar(client, COUNTER)),
      (counter) => counter > before,
      { withinMs: COUNTER_LAG_MS, signal: run.signal },
    ),
  );
}

async function adminOf(run: SuiteRun): Promise<string> {
  const { url } = await run.service('postgres');
  return Object.assign(new URL(await run.adminUrl('postgres')), { pathname: new URL(url).pathname }).toString();
}

/** The server's log is exact at once, where it can be read; the counter is flushed late. */
async function logOf(run: SuiteRun): Promise<readonly string[] | null> {
  const { name } = await run.service('postgres');
  return serverLog(run, name, async (text) => writeToLog(await adminOf(run), text));
}
