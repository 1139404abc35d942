import { randomUUID } from 'node:crypto';
import { check, closedLoop, createPostgresWitness, createRedisStreamReader, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { loopFault } from '../support/loop-fault.ts';
import { lookUntil } from '../support/until.ts';

/** Time the target has to process what it acknowledged. */
const PROCESS_MS = 10_000;
const AGENTS = 4;

check('database.stream.lost', async (run) => {
  const stream = run.target.requireBinding('stream');
  const workspace = run.workspace();
  const agents = Array.from({ length: AGENTS }, () => randomUUID());
  const acknowledged = new Map<string, string>();
  const result = await closedLoop({
    agents: run.spec.workload.agents,
    perAgent: Math.ceil(run.sized({ quick: 120, full: 800 }) / run.spec.workload.agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const [agent, value] = [agents[index % AGENTS] ?? '', randomUUID()];
      const answer = await run.target.stream.add({ agent, value, workspace }, { signal });
      if (answer.outcome === 'ok') acknowledged.set(value, agent);
      return { outcome: answer.outcome };
    },
  });
  const missing = await unprocessed(run, stream.processed, acknowledged);
  const pending = await stillPending(run, agents);
  const examples = missing.slice(0, 4).map((value) => `message ${value} was acknowledged and not processed within ${PROCESS_MS / 1000} s`);
  return {
    harnessFault: loopFault(result),
    observation: {
      kind: 'count',
      trials: acknowledged.size,
      count: missing.length + pending,
      examples: pending > 0 ? [...examples, `${pending} messages are still pending in the consumer group`] : examples,
    },
    witnesses: [
      { source: 'responses', saw: `${acknowledged.size} messages acknowledged` },
      { source: 'database', saw: `${acknowledged.size - missing.length} processed` },
      { source: 'redis', saw: `${pending} pending` },
    ],
  };
});

/** Acknowledged messages of which the database holds no trace when the time is up. */
async function unprocessed(run: SuiteRun, sql: string, acknowledged: ReadonlyMap<string, string>): Promise<readonly string[]> {
  const adminUrl = await run.adminUrl('postgres');
  const witness = createPostgresWitness({ url: adminUrl, timeoutMs: 5_000 });
  const look = async (): Promise<readonly string[]> => {
    const processed = new Set<string>();
    for (const agent of new Set(acknowledged.values())) {
      const read = await witness.values(sql, agent);
      if (!read.ok) throw new NotMeasured(`the database could not be asked what was processed: ${read.problem}`);
      for (const value of read.values) processed.add(value);
    }
    return [...acknowledged.keys()].filter((value) => !processed.has(value));
  };
  try {
    return await lookUntil(look, (left) => left.length === 0, { withinMs: PROCESS_MS, signal: run.signal });
  } finally {
    await witness[Symbol.asyncDispose]();
  }
}

/** Messages delivered to the group and not acknowledged when the time is up. */
async function stillPending(run: SuiteRun, agents: readonly string[]): Promise<number> {
  const adminUrl = await run.adminUrl('redis');
  const reader = createRedisStreamReader({ url: adminUrl, binding: run.target.requireBinding('stream'), timeoutMs: 5_000 });
  const look = async (): Promise<number> => {
    let total = 0;
    for (const agent of agents) {
      const read = await reader.pending(agent);
      if (!read.ok) throw new NotMeasured(`Redis could not be asked for pending messages: ${read.problem}`);
      total += read.value;
    }
    return total;
  };
  try {
    return await lookUntil(look, (count) => count === 0, { withinMs: PROCESS_MS, signal: run.signal });
  } finally {
    await reader[Symbol.asyncDispose]();
  }
}
