import { randomUUID } from 'node:crypto';
import { check, closedLoop, NotMeasured } from '../../harness/index.ts';
import { loopFault } from '../support/loop-fault.ts';
import { withPostgres, withRedis } from '../support/stores.ts';
import { lookUntil } from '../support/until.ts';

/** Time the target has to process what it acknowledged. */
const PROCESS_MS = 10_000;
const AGENTS = 4;

check('database.stream.lost', async (run) => {
  const stream = run.spec.bindings.stream;
  if (stream === undefined) throw new NotMeasured('the target has no binding `stream`');
  const postgres = await run.service('postgres');
  const redis = await run.service('redis');
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
      const answer = await run.target.request(stream.add, { agent, value, workspace, op: randomUUID() }, { signal });
      if (answer.outcome === 'ok') acknowledged.set(value, agent);
      return { outcome: answer.outcome };
    },
  });
  const missing = await withPostgres(postgres.adminUrl, (client) => {
    const look = async (): Promise<readonly string[]> => {
      const processed = new Set<string>();
      for (const agent of agents) for (const row of (await client.query<{ value: string }>(stream.processed, [agent])).rows) processed.add(row.value);
      return [...acknowledged.keys()].filter((value) => !processed.has(value));
    };
    return lookUntil(look, (left) => left.length === 0, { withinMs: PROCESS_MS, signal: run.signal });
  });
  const pending = await withRedis(redis.adminUrl, (client) => {
    const look = async (): Promise<number> => {
      let total = 0;
      for (const agent of agents) {
        const [count] = (await client.xpending(stream.key.replaceAll('${agent}', agent), stream.group.replaceAll('${agent}', agent))) as readonly unknown[];
        total += Number(count);
      }
      return total;
    };
    return lookUntil(look, (count) => count === 0, { withinMs: PROCESS_MS, signal: run.signal });
  });
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
