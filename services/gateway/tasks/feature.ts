import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { taskEndpoints } from './endpoints.ts';
import { RETRIES_LEFT } from './status.ts';
import type { Tasks } from './task.ts';
import { createTasks } from './tasks.ts';

export interface TasksFeature extends Feature {
  readonly tasks: Tasks;
}

/** Tasks: made by anybody, done once by one agent. */
export function tasksFeature(core: Core): TasksFeature {
  const { pool, audit, seams, committed } = core;
  const retriesLeft = seams.retryRule(RETRIES_LEFT);
  const tasks = seams.tasks(createTasks({ pool, audit, retriesLeft, committed }), core);
  return { tasks, endpoints: taskEndpoints(tasks) };
}
