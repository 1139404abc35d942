import { check, closedLoop } from '../../harness/index.ts';
import type { Append } from '../support/append-ledger.ts';
import { appendObservation } from '../support/append-observation.ts';
import { loopFault } from '../support/loop-fault.ts';
import { append, makeKeys, pick, readBack } from '../support/register.ts';

const KEYS = 5;

check('concurrency.register.lost_updates', async (run) => {
  const keys = await makeKeys(run, KEYS);
  const appends: Append[] = [];
  const result = await closedLoop({
    agents: run.spec.workload.agents,
    perAgent: Math.ceil(run.sized({ quick: 300, full: 800 }) / run.spec.workload.agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const done = await append(run, pick(keys, index), signal);
      appends.push(done);
      return { outcome: done.outcome };
    },
  });
  return { ...appendObservation(appends, await readBack(run, keys)), harnessFault: loopFault(result) };
});
