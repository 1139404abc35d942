import type { PlannedTask } from './plan.ts';
import type { StepStatus, WorkflowStatus } from './states.ts';

/** One at a time; all that are ready at once; the same, and each gets what those before it made. */
export const STRATEGIES = ['sequential', 'parallel', 'pipeline'] as const;
export type Strategy = (typeof STRATEGIES)[number];

export interface Workflow {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly strategy: Strategy;
  readonly status: WorkflowStatus;
  readonly error: string | null;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export interface WorkflowTask extends PlannedTask {
  readonly status: StepStatus;
  /** How often a runner began it. */
  readonly attempts: number;
  readonly result: WorkResult | null;
  readonly error: string | null;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
}

export type WholeWorkflow = Workflow & { readonly tasks: readonly WorkflowTask[] };

export interface WorkResult {
  /** Follows from the task and from what it received. */
  readonly output: string;
  /** Output of each task that this one depends on; empty unless the workflow is a pipeline. */
  readonly received: Readonly<Record<string, string>>;
  readonly worked_ms: number;
}

export interface NewWorkflow {
  readonly workspaceId: string;
  readonly name: string;
  readonly strategy: Strategy;
  readonly tasks: readonly PlannedTask[];
  /** The same key in the same workspace makes the workflow once, however often it is sent. */
  readonly idempotencyKey: string | null;
}

export interface WorkflowQuery {
  readonly workspaceId: string;
  readonly status: WorkflowStatus | null;
  readonly limit: number;
  /** Only workflows made before the one that has this place. */
  readonly before: string | null;
}

export interface Workflows {
  /**
   * @throws ServiceError validation_failed (the tasks make no plan), idempotency_conflict, or rate_limited when too many are open.
   */
  create(workflow: NewWorkflow): Promise<{ readonly workflow: WholeWorkflow; readonly created: boolean }>;
  /** Newest first, without their tasks. */
  list(query: WorkflowQuery): Promise<{ readonly items: readonly Workflow[]; readonly next: string | null }>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<WholeWorkflow>;
  /** What has not begun is not begun; what runs is stopped. @throws ServiceError not_found or invalid_transition. */
  cancel(workspaceId: string, id: string): Promise<WholeWorkflow>;
  /** What runs is finished, nothing else is begun. @throws ServiceError not_found or invalid_transition. */
  pause(workspaceId: string, id: string): Promise<WholeWorkflow>;
  /** @throws ServiceError not_found or invalid_transition. */
  resume(workspaceId: string, id: string): Promise<WholeWorkflow>;
}
