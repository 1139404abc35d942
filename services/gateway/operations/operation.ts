import type { OperationType, PlannedStep } from './plans.ts';
import type { OperationStatus } from './states.ts';

export interface OperationRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly type: OperationType;
  readonly status: OperationStatus;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metadata: unknown;
  readonly deadline_at: Date;
  readonly result: unknown;
  readonly error: string | null;
  readonly confidence: number | null;
  readonly tokens: number;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export interface StepRow extends PlannedStep {
  readonly step: number;
  readonly status: 'pending' | 'running' | 'completed' | 'failed' | 'skipped';
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly confidence: number | null;
  readonly error: string | null;
  readonly execution_time_ms: number | null;
}

export interface NewOperation {
  readonly id: string;
  readonly workspaceId: string;
  readonly type: OperationType;
  readonly priority: number;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
}

export interface Move {
  readonly to: OperationStatus;
  readonly result?: unknown;
  readonly error?: string;
  readonly confidence?: number;
  readonly tokens?: number;
}

export interface StepOutcome {
  readonly step: number;
  readonly status: 'completed' | 'failed' | 'skipped';
  readonly result?: unknown;
  readonly confidence?: number;
  readonly error?: string;
  readonly executionTimeMs: number;
}

export interface OperationStore {
  /** @throws ServiceError rate_limited when too many are open. */
  create(operation: NewOperation): Promise<OperationRow>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<{ readonly operation: OperationRow; readonly steps: readonly StepRow[] }>;
  /** Takes an open operation that nobody works on, or whose runner is gone; null when there is none. */
  claim(): Promise<OperationRow | null>;
  /** Moves on if it is still in `from`, and keeps the claim. @throws when it was moved by somebody else or the move is illegal. */
  move(operation: OperationRow, move: Move): Promise<OperationRow>;
  plan(id: string, steps: readonly PlannedStep[]): Promise<readonly StepRow[]>;
  finishStep(id: string, outcome: StepOutcome): Promise<void>;
  escalate(id: string, reason: string, confidence: number): Promise<void>;
  escalations(workspaceId: string): Promise<readonly unknown[]>;
  counts(): Promise<{ readonly active: number; readonly escalated: number }>;
}
