import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Outside } from '../outside.ts';
import { sureEnough } from './confidence.ts';
import { operationEndpoints } from './endpoints.ts';
import { createEscalations } from './escalations.ts';
import type { OperationRow, OperationStore } from './operation.ts';
import { planOf } from './plans.ts';
import { createReadModel } from './read-model.ts';
import { startRunner } from './runner.ts';
import { createOperationStore } from './store.ts';
import { createWorkers, type Workers } from './workers.ts';

export interface OperationsFeature extends Feature {
  readonly store: OperationStore;
  readonly workers: Workers;
}

/** Operations: planned, run step by step by the workers, escalated to a person when nobody is sure. */
export function operationsFeature(core: Core, outside: Outside): OperationsFeature {
  const { pool, redis, audit, seams } = core;
  const store = seams.operationStore(createOperationStore(pool, audit, core.committed), core);
  const workers = createWorkers(new Map(outside.workers.map((worker) => [worker.name, worker])));
  const readModel = createReadModel(redis, store, core.reporter('operation_copy_failed'));
  const publish = (operation: OperationRow): Promise<void> => readModel.publish(operation);
  const planner = seams.planner(planOf);
  const runner = startRunner(
    {
      store,
      workers,
      planner,
      sureEnough: seams.sureEnough(sureEnough),
      changed: publish,
      onError: core.reporter('operation_runner_failed'),
    },
    core.schema.repeat,
  );
  const created = (operation: OperationRow): void => {
    runner.wake();
    void publish(operation);
  };
  const escalations = createEscalations(pool, audit, core.committed);
  return {
    store,
    workers,
    endpoints: operationEndpoints({ store, escalations, planner, created, resolved: publish }),
    rest: () => runner.stop(),
  };
}
