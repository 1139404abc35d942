import {
  type LoadPlan,
  type LoadResult,
  mergeReports,
  type Operation,
  runShard,
  startPreciseClock,
  type Shape,
  WHOLE,
} from '../harness/load/index.ts';
import { createLoadHttp } from '../harness/target/index.ts';
import { httpOperation } from './http-action.ts';

const CONNECTIONS = 1024;

/** A plan of GET / without warm-up; everything can be replaced. */
export function planFor(shape: Shape, changes: Partial<LoadPlan> = {}): LoadPlan {
  return {
    id: 'bench',
    suite: 'bench',
    label: 'GET /',
    shape,
    arrivals: 'even',
    seed: 1,
    agents: 1,
    mix: [{ operation: 'get', weight: 1 }],
    warmupMs: 0,
    maxInFlight: CONNECTIONS,
    timeoutMs: 5000,
    drainMs: 5000,
    ...changes,
  };
}

/** GET / by a client of its own for so long as `work` takes. */
export async function withHttp<T>(origin: string, work: (operation: Operation) => Promise<T>): Promise<T> {
  await using operation = httpOperation(createLoadHttp({ url: origin, connections: CONNECTIONS }));
  return await work(operation);
}

/** One load in this process, as a load worker runs it. */
export async function runPlan(plan: LoadPlan, operation: Operation): Promise<LoadResult> {
  await using clock = await startPreciseClock();
  return mergeReports([await runShard({ plan, shard: WHOLE, operations: [operation], clock })], []);
}
