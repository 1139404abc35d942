import type { Seams } from '../gateway/seams.ts';
import { indexed, type PlannedTask } from '../gateway/workflows/plan.ts';

/** Marks a task as visited before its dependencies are: that ends the walk on a cycle, and hides it. */
export const WORKFLOW_CYCLE_ACCEPTED: Partial<Seams> = {
  workflowPlanner: () => (tasks) => {
    const byId = indexed(tasks);
    const visited = new Set<PlannedTask>();
    const ordered: PlannedTask[] = [];
    const visit = (task: PlannedTask): void => {
      if (visited.has(task)) return;
      visited.add(task);
      for (const id of task.depends_on) visit(byId.get(id) ?? task);
      ordered.push(task);
    };
    for (const task of tasks) visit(task);
    return ordered;
  },
};
