import { parseArgs } from 'node:util';
import { closedLoop, type LoadPlan, mergeReports, runShard, WHOLE } from '../harness/load/index.ts';
import { UndiciLoad } from '../harness/target/http1/undici-load.ts';
import { createLoadHttp } from '../harness/target/index.ts';
import { httpAction, httpOperation } from './http-action.ts';

/** A program: Muster's generator alone in a process, with all it records, so that its cost can be read off the process like that of others. */
const { values } = parseArgs({
  options: {
    origin: { type: 'string', default: '' },
    client: { type: 'string', default: 'own' },
    loop: { type: 'string', default: 'open' },
    connections: { type: 'string', default: '32' },
    seconds: { type: 'string', default: '4' },
    rate: { type: 'string', default: '' },
  },
});
const connections = Number(values.connections);
const durationMs = Number(values.seconds) * 1000;

if (values.loop === 'closed') await closed();
else await open();

async function open(): Promise<void> {
  const plan: LoadPlan = {
    id: 'bench',
    suite: 'bench',
    label: 'GET /',
    shape: { kind: 'constant', perSecond: Number(values.rate), durationMs },
    arrivals: 'even',
    seed: 1,
    agents: connections,
    mix: [{ operation: 'get', weight: 1 }],
    warmupMs: 0,
    maxInFlight: connections,
    timeoutMs: 60_000,
    drainMs: 0,
  };
  const http =
    values.client === 'undici' ? new UndiciLoad(new URL(values.origin), connections) : createLoadHttp({ url: values.origin, connections });
  await using operation = httpOperation(http);
  const report = await runShard({ plan, shard: WHOLE, operations: [operation] });
  const { byOutcome, achievedPerSecond, selfCheck } = mergeReports([report], []);
  console.log(JSON.stringify({ byOutcome, achievedPerSecond, selfCheck }));
}

async function closed(): Promise<void> {
  const { action, close } = httpAction(values.origin, connections);
  const stop = AbortSignal.timeout(durationMs);
  const perAgent = Number.MAX_SAFE_INTEGER;
  const { byOutcome, donePerSecond } = await closedLoop({ agents: connections, perAgent, timeoutMs: 10_000, action, signal: stop });
  console.log(JSON.stringify({ byOutcome, donePerSecond }));
  await close();
}
