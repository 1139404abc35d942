import { check, type SuiteRun } from '../../harness/index.ts';
import { contested } from '../support/append-ledger.ts';
import { contend } from '../support/contention.ts';
import { makeKeys } from '../support/register.ts';
import { scalar, withPostgres } from '../support/stores.ts';

const COUNTER = 'select deadlocks from pg_stat_database where datname = current_database()';

check('database.deadlocks.count', async (run) => {
  const before = await deadlockCounter(run);
  const { appends, fault } = await contend(run, await makeKeys(run, 3), run.sized({ quick: 150, full: 500 }));
  const logged = await deadlockLines(run);
  const counted = (await deadlockCounter(run)) - before;
  const unclear = appends.filter(({ outcome }) => outcome === 'unknown').length;
  return {
    harnessFault: fault,
    observation: { kind: 'count', trials: contested(appends), count: Math.max(counted, logged.length), examples: logged.slice(0, 5) },
    witnesses: [
      { source: 'server log', saw: `${logged.length} deadlock lines` },
      { source: 'pg_stat_database', saw: `counter rose by ${counted} (may lag by up to 10 s)` },
      { source: 'responses', saw: `${unclear} of ${appends.length} appends without a definite answer` },
    ],
  };
});

async function deadlockCounter(run: SuiteRun): Promise<number> {
  const { url } = await run.service('postgres');
  const admin = Object.assign(new URL(await run.adminUrl('postgres')), { pathname: new URL(url).pathname }).toString();
  return withPostgres(admin, async (client) => Number(await scalar(client, COUNTER)));
}

/** The server's log is exact at once; the counter is flushed late. */
async function deadlockLines(run: SuiteRun): Promise<readonly string[]> {
  const { name } = await run.service('postgres');
  return (await run.logTail(name, 2_000)).filter((line) => line.includes('deadlock detected'));
}
