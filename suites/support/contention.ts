import { randomUUID } from 'node:crypto';
import { closedLoop, type SuiteRun } from '../../harness/index.ts';
import type { Append } from './append-ledger.ts';
import { loopFault } from './loop-fault.ts';
import { pick, type RegisterKey } from './register.ts';

/** With fewer there is nothing to contend. */
const FEWEST_AGENTS = 8;

/** An append and what it was answered with. */
export interface Answered extends Append {
  readonly status: number | null;
  readonly text: string;
}

/**
 * Many agents append to the same key at the same time, key after key: about `total` appends. `fault` is our own, if any.
 */
export async function contend(
  run: SuiteRun,
  keys: readonly RegisterKey[],
  total: number,
): Promise<{ readonly answers: readonly Answered[]; readonly fault: string | null }> {
  const agents = Math.max(FEWEST_AGENTS, run.spec.workload.agents);
  const answers: Answered[] = [];
  const result = await closedLoop({
    agents,
    perAgent: Math.ceil(total / agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const done = await appendOnce(run, pick(keys, Math.floor(index / agents)), signal);
      answers.push(done);
      return { outcome: done.outcome };
    },
  });
  return { answers, fault: loopFault(result) };
}

async function appendOnce(run: SuiteRun, { workspace, key }: RegisterKey, signal: AbortSignal): Promise<Answered> {
  const value = randomUUID();
  const startMs = run.now();
  const answer = await run.target.register.append({ workspace, key, value, op: randomUUID(), agent: key }, { signal });
  return { key, value, outcome: answer.outcome, startMs, endMs: run.now(), status: answer.status, text: answer.text };
}
