import { ServiceError } from '../../shared/service-error.ts';

export interface PlannedTask {
  readonly id: string;
  readonly name: string;
  readonly capability: string;
  readonly depends_on: readonly string[];
  readonly work_ms: number;
}

/**
 * The tasks in an order in which each comes after those it depends on.
 * @throws ServiceError validation_failed for a repeated id, an unknown dependency, or a cycle, which it names.
 */
export type WorkflowPlanner = (tasks: readonly PlannedTask[]) => readonly PlannedTask[];

export const planInOrder: WorkflowPlanner = (tasks) => {
  const byId = indexed(tasks);
  const ordered = new Set<PlannedTask>();
  const visit = (task: PlannedTask, path: readonly string[]): void => {
    if (ordered.has(task)) return;
    if (path.includes(task.id)) throw cycle([...path.slice(path.indexOf(task.id)), task.id]);
    for (const id of task.depends_on) visit(byId.get(id) ?? task, [...path, task.id]);
    ordered.add(task);
  };
  for (const task of tasks) visit(task, []);
  return [...ordered];
};

/** @throws ServiceError validation_failed for a repeated id or an unknown dependency. */
export function indexed(tasks: readonly PlannedTask[]): ReadonlyMap<string, PlannedTask> {
  const byId = new Map<string, PlannedTask>();
  for (const [index, task] of tasks.entries()) {
    if (byId.has(task.id)) throw invalid(`tasks.${index}.id`, `"${task.id}" is the id of two tasks`);
    byId.set(task.id, task);
  }
  for (const [index, { depends_on: dependencies }] of tasks.entries()) {
    const unknown = dependencies.find((id) => !byId.has(id));
    if (unknown !== undefined) throw invalid(`tasks.${index}.depends_on`, `no task has the id "${unknown}"`);
  }
  return byId;
}

function cycle(ids: readonly string[]): ServiceError {
  return invalid('tasks', `the tasks wait for each other: ${ids.join(' -> ')}`);
}

function invalid(path: string, message: string): ServiceError {
  return new ServiceError('validation_failed', message, { details: [{ path, message }] });
}
