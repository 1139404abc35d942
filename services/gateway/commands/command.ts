import type { PlannedTask } from '../workflows/plan.ts';
import type { WorkflowStatus } from '../workflows/states.ts';
import type { Strategy } from '../workflows/workflow.ts';

export interface Policy {
  /** Whether somebody else than whoever asks must agree before anything is done. */
  readonly requires_approval: boolean;
}

/** A workflow with a name. A version is never changed; a new one is defined. */
export interface Command {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  readonly version: number;
  readonly strategy: Strategy;
  readonly steps: readonly PlannedTask[];
  readonly policy: Policy;
  readonly created_at: Date;
}

export interface NewCommand {
  readonly workspaceId: string;
  readonly name: string;
  readonly version: number;
  readonly strategy: Strategy;
  readonly steps: readonly PlannedTask[];
  readonly policy: Policy;
}

/** Before its workflow may start an execution waits or was rejected; from then on it is where its workflow is. */
export type ExecutionStatus = 'approval_required' | 'rejected' | WorkflowStatus;

export interface Execution {
  readonly execution_id: string;
  readonly workspace_id: string;
  readonly command: string;
  readonly version: number;
  readonly workflow_id: string;
  readonly status: ExecutionStatus;
  readonly requested_by: string;
  readonly decided_by: string | null;
  readonly decided_at: Date | null;
  readonly error: string | null;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

export interface NewExecution {
  readonly workspaceId: string;
  readonly name: string;
  /** null: the newest. */
  readonly version: number | null;
  readonly by: string;
  readonly idempotencyKey: string | null;
}

export interface Decision {
  readonly workspaceId: string;
  readonly id: string;
  readonly verdict: 'approved' | 'rejected';
  readonly by: string;
}

export interface Commands {
  /** @throws ServiceError validation_failed (the steps make no plan) or already_exists. */
  define(command: NewCommand): Promise<Command>;
  /** Newest first. */
  list(query: { readonly workspaceId: string; readonly limit: number; readonly before: string | null }): Promise<{
    readonly items: readonly Command[];
    readonly next: string | null;
  }>;
  /**
   * Starts the command, or has it wait for an approval.
   * @throws ServiceError not_found, idempotency_conflict or rate_limited.
   */
  execute(execution: NewExecution): Promise<{ readonly execution: Execution; readonly created: boolean }>;
  /** @throws ServiceError not_found. */
  execution(workspaceId: string, id: string): Promise<Execution>;
  /** @throws ServiceError not_found, invalid_transition (it does not wait), or forbidden for whoever asked for it. */
  decide(decision: Decision): Promise<Execution>;
  /** @throws ServiceError not_found, or invalid_transition when it has ended. */
  cancel(workspaceId: string, id: string): Promise<Execution>;
}
