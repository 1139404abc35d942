import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { workflowEndpoints } from './endpoints.ts';
import { planInOrder, type WorkflowPlanner } from './plan.ts';
import { createWorkQueue } from './queue.ts';
import { startWorkflowRunner } from './runner.ts';
import { createWork } from './work.ts';
import type { Workflows } from './workflow.ts';
import { createWorkflows } from './workflows.ts';

export interface WorkflowsFeature extends Feature {
  readonly workflows: Workflows;
  readonly plan: WorkflowPlanner;
  /** To be called after a commit that may have given the runner work, or taken it away. */
  readonly changed: () => void;
}

/** Workflows: tasks that wait for each other, run by whichever process is free. */
export function workflowsFeature(core: Core): WorkflowsFeature {
  const { pool, audit, seams, committed } = core;
  const plan = seams.workflowPlanner(planInOrder);
  const queue = createWorkQueue(pool, audit);
  const onError = core.reporter('workflow_runner_failed');
  const runner = startWorkflowRunner({
    queue,
    work: createWork((capability) => queue.isKnown(capability)),
    committed,
    onError,
    every: core.schema.repeat,
  });
  const changed = (): void => {
    committed();
    runner.wake();
  };
  const workflows = createWorkflows({ pool, audit, plan, changed });
  return { workflows, plan, changed, endpoints: workflowEndpoints(workflows), stop: () => runner.stop() };
}
