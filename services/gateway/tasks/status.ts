export const TASK_STATUSES = ['pending', 'assigned', 'in_progress', 'blocked', 'completed', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** Legal moves. In progress to pending is a failed try with tries left. */
export const TASK_TRANSITIONS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  pending: ['assigned', 'cancelled'],
  assigned: ['in_progress', 'cancelled'],
  in_progress: ['completed', 'failed', 'blocked', 'pending', 'cancelled'],
  blocked: ['in_progress', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

const OPEN: readonly TaskStatus[] = ['pending', 'assigned', 'in_progress', 'blocked'];

/** What can be done to a task, and in which states. */
const ACTIONS = {
  assign: { from: ['pending'], to: 'assigned' },
  start: { from: ['assigned'], to: 'in_progress' },
  complete: { from: ['in_progress'], to: 'completed' },
  fail: { from: ['in_progress'], to: 'failed' },
  block: { from: ['in_progress'], to: 'blocked' },
  unblock: { from: ['blocked'], to: 'in_progress' },
  cancel: { from: OPEN, to: 'cancelled' },
} as const satisfies Readonly<Record<string, { readonly from: readonly TaskStatus[]; readonly to: TaskStatus }>>;
export type TaskAction = keyof typeof ACTIONS;
export const TASK_ACTIONS = Object.keys(ACTIONS) as readonly TaskAction[];

/** Where the action leads when it succeeds; a failure may lead back to `pending` instead. */
export function targetOf(action: TaskAction): TaskStatus {
  return ACTIONS[action].to;
}

export function isLegal(action: TaskAction, from: TaskStatus): boolean {
  return (ACTIONS[action].from as readonly TaskStatus[]).includes(from);
}

export interface Tries {
  readonly retry_count: number;
  readonly max_retries: number;
}

/** Whether a task that failed may be tried again. */
export type RetryRule = (task: Tries) => boolean;

export const RETRIES_LEFT: RetryRule = (task) => task.retry_count < task.max_retries;
