import { check } from '../../harness/index.ts';
import { contested } from '../support/append-ledger.ts';
import { appendObservation } from '../support/append-observation.ts';
import { contend } from '../support/contention.ts';
import { makeKeys, readBack } from '../support/register.ts';

check('concurrency.register.lost_updates', async (run) => {
  const keys = await makeKeys(run, 5);
  const { appends, fault } = await contend(run, keys, run.sized({ quick: 300, full: 800 }));
  const trials = contested(appends);
  const seen = appendObservation(appends, await readBack(run, keys), trials);
  const evidence = { source: 'clock of the callers', saw: `${trials} acknowledged appends overlapped with another on the same key` };
  return { ...seen, witnesses: [...(seen.witnesses ?? []), evidence], harnessFault: fault };
});
