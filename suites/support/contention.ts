import { closedLoop, type SuiteRun } from '../../harness/index.ts';
import type { Append } from './append-ledger.ts';
import { loopFault } from './loop-fault.ts';
import { append, pick, type RegisterKey } from './register.ts';

/** With fewer there is nothing to contend. */
const FEWEST_AGENTS = 8;

/**
 * Many agents append to the same key at the same time, key after key: about `total` appends. `fault` is our own, if any.
 */
export async function contend(
  run: SuiteRun,
  keys: readonly RegisterKey[],
  total: number,
): Promise<{ readonly appends: readonly Append[]; readonly fault: string | null }> {
  const agents = Math.max(FEWEST_AGENTS, run.spec.workload.agents);
  const appends: Append[] = [];
  const result = await closedLoop({
    agents,
    perAgent: Math.ceil(total / agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const done = await append(run, pick(keys, Math.floor(index / agents)), signal);
      appends.push(done);
      return { outcome: done.outcome };
    },
  });
  return { appends, fault: loopFault(result) };
}
