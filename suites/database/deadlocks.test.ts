import { check, closedLoop } from '../../harness/index.ts';
import { loopFault } from '../support/loop-fault.ts';
import { append, makeKeys, pick } from '../support/register.ts';
import { scalar, withPostgres } from '../support/stores.ts';

const KEYS = 3;
const COUNTER = 'select deadlocks from pg_stat_database where datname = current_database()';

check('database.deadlocks.count', async (run) => {
  const { url, adminUrl } = await run.service('postgres');
  const keys = await makeKeys(run, KEYS);
  const database = new URL(url).pathname;
  const admin = Object.assign(new URL(adminUrl), { pathname: database }).toString();
  const deadlocks = (): Promise<number> => withPostgres(admin, async (client) => Number(await scalar(client, COUNTER)));
  const before = await deadlocks();
  let errors = 0;
  const result = await closedLoop({
    agents: run.spec.workload.agents,
    perAgent: Math.ceil(run.sized({ quick: 150, full: 500 }) / run.spec.workload.agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const done = await append(run, pick(keys, index), signal);
      if (done.outcome === 'unknown') errors += 1;
      return { outcome: done.outcome };
    },
  });
  const logged = await deadlockLines(run);
  const counted = (await deadlocks()) - before;
  return {
    harnessFault: loopFault(result),
    observation: { kind: 'count', trials: result.done, count: Math.max(counted, logged.length), examples: logged.slice(0, 5) },
    witnesses: [
      { source: 'server log', saw: `${logged.length} deadlock lines` },
      { source: 'pg_stat_database', saw: `counter rose by ${counted} (may lag by up to 10 s)` },
      { source: 'responses', saw: `${errors} of ${result.done} appends without a definite answer` },
    ],
  };
});

/** The server's log is exact at once; the counter is flushed late. */
async function deadlockLines(run: Parameters<Parameters<typeof check>[1]>[0]): Promise<readonly string[]> {
  const { name } = await run.service('postgres');
  return (await run.logTail(name, 2_000)).filter((line) => line.includes('deadlock detected'));
}
