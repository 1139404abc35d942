import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Outside } from '../outside.ts';
import type { OperationStore } from './operation.ts';
import { operationRoutes } from './routes.ts';
import { startRunner } from './runner.ts';
import { createOperationStore } from './store.ts';
import { createWorkers } from './workers.ts';

export interface OperationsFeature extends Feature {
  readonly store: OperationStore;
}

/** Operations: planned, run step by step by the workers, escalated to a person when nobody is sure. */
export function operationsFeature(core: Core, outside: Outside): OperationsFeature {
  const store = createOperationStore(core.pool);
  const workers = createWorkers(new Map(outside.workers.map((worker) => [worker.name, worker])));
  const runner = startRunner({ store, workers, onError: core.reporter('operation_runner_failed') });
  return { store, routes: [{ base: '/', app: operationRoutes(store, runner.wake) }], stop: () => runner.stop() };
}
