export const WORKFLOW_STATUSES = ['created', 'ready', 'running', 'paused', 'completed', 'failed', 'cancelled'] as const;
export type WorkflowStatus = (typeof WORKFLOW_STATUSES)[number];

/** `created` waits for an approval, `ready` for a runner. */
export const WORKFLOW_TRANSITIONS: Readonly<Record<WorkflowStatus, readonly WorkflowStatus[]>> = {
  created: ['ready', 'cancelled'],
  ready: ['running', 'cancelled'],
  running: ['completed', 'failed', 'paused', 'cancelled'],
  paused: ['running', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const STEP_STATUSES = ['pending', 'running', 'completed', 'failed', 'skipped', 'cancelled'] as const;
export type StepStatus = (typeof STEP_STATUSES)[number];

/** What a running workflow becomes once its tasks are as they are; null: there is still work. */
export function endOf(statuses: readonly StepStatus[]): 'completed' | 'failed' | null {
  if (statuses.includes('failed')) return 'failed';
  return statuses.every((status) => status === 'completed') ? 'completed' : null;
}
