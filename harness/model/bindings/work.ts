import type { Expression, HttpTemplate } from '../target.ts';

/** What is handed out and done: tasks, workflows. */
export interface WorkBindings {
  /** Tasks that workers take and do. Variables: `name`, `retries`, `worker`, `id`. */
  readonly tasks?: TasksBinding;
  /** Work in steps that wait for each other. Variables: `name`, `kind`, `id`. */
  readonly workflow?: WorkflowBinding;
}

export interface TasksBinding {
  /** Makes a worker that may take the tasks of its workspace; without it `worker` is a name nobody has used. */
  readonly worker?: { readonly http: HttpTemplate; readonly id: Expression };
  readonly create: { readonly http: HttpTemplate; readonly id: Expression };
  /** Hands the next waiting task to `worker`; `id` finds nothing in the answer when there is none. */
  readonly claim: { readonly http: HttpTemplate; readonly id: Expression };
  /** Says that the worker has begun; absent: a claimed task is begun. */
  readonly begin?: HttpTemplate;
  readonly complete: HttpTemplate;
  readonly fail: HttpTemplate;
  readonly read: { readonly http: HttpTemplate; readonly state: Expression };
  /** States of a task that is or will be handed out, that is done, and that has failed for good. */
  readonly waiting: readonly string[];
  readonly done: readonly string[];
  readonly dead: readonly string[];
  /** How often a task that failed is handed out again: `create` may ask for it with `retries`. */
  readonly retries: number;
  /** How long a task may rest after a failure before it is handed out again. */
  readonly backOffMs: number;
}

export interface WorkflowBinding {
  readonly create: HttpTemplate;
  readonly poll: HttpTemplate;
  readonly id: Expression;
  readonly state: Expression;
  readonly end: readonly string[];
  readonly success: readonly string[];
  /** Shapes to try, each as variable `kind`. */
  readonly kinds: readonly string[];
  /** `create` with steps that wait for each other in a circle. */
  readonly cyclic?: HttpTemplate;
  /** `create` with a step that cannot be done. */
  readonly failing?: HttpTemplate;
}
