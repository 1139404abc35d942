import type { OperationType, PlannedStep } from './plans.ts';
import type { OperationStatus } from './states.ts';

export interface OperationRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly type: OperationType;
  readonly status: OperationStatus;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly require_validation: boolean;
  readonly deadline_at: Date;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly confidence: number | null;
  /** How often it was taken up: only the runner that did it last may write. */
  readonly claims: number;
  /** Sum of the token ledger. */
  readonly tokens: number;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export const STEP_STATUSES = ['pending', 'running', 'completed', 'failed', 'skipped'] as const;

export interface StepRow extends PlannedStep {
  readonly step: number;
  readonly status: (typeof STEP_STATUSES)[number];
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
  readonly requireValidation: boolean;
  readonly timeoutMs: number;
  /** The same key in the same workspace makes one operation, however often it is sent. */
  readonly idempotencyKey: string | null;
}

export interface Move {
  readonly to: OperationStatus;
  readonly result?: unknown;
  readonly error?: string;
  readonly confidence?: number;
}

export interface StepOutcome {
  readonly step: number;
  readonly status: 'completed' | 'failed' | 'skipped';
  readonly result?: unknown;
  readonly confidence?: number;
  readonly error?: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly executionTimeMs: number;
}

export interface OperationWithSteps {
  readonly operation: OperationRow;
  readonly steps: readonly StepRow[];
}

export interface OperationQuery {
  readonly workspaceId: string;
  readonly status: OperationStatus | null;
  readonly limit: number;
  /** Id of the last operation of the page before. */
  readonly after: string | null;
}

export interface OperationStore {
  /**
   * `created` is false when the idempotency key had been used for the same operation before.
   * @throws ServiceError rate_limited when too many are open, idempotency_conflict when the key was used for another operation.
   */
  create(operation: NewOperation): Promise<{ readonly operation: OperationRow; readonly created: boolean }>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<OperationWithSteps>;
  /** Newest first. */
  list(query: OperationQuery): Promise<readonly OperationRow[]>;
  /** Takes an open operation that nobody works on, or whose runner is gone; null when there is none. */
  claim(): Promise<OperationRow | null>;
  /** Gives a claim back, if it is still held: the next runner need not wait for it to run out. */
  release(operation: OperationRow): Promise<void>;
  /** Moves on if the claim is still held, and keeps it. @throws when it was moved or taken over by somebody else or the move is illegal. */
  move(operation: OperationRow, move: Move): Promise<OperationRow>;
  /** Moves to `escalating` and puts it before a person, both or neither. */
  escalate(
    operation: OperationRow,
    reason: string,
    outcome: { readonly confidence: number; readonly result: unknown },
  ): Promise<OperationRow>;
  plan(id: string, steps: readonly PlannedStep[]): Promise<readonly StepRow[]>;
  /** @throws when the operation was taken over. */
  startStep(operation: OperationRow, step: number): Promise<void>;
  /** Books the tokens and keeps what came of the step. @throws when the operation was taken over, and then only the tokens are kept. */
  finishStep(operation: OperationRow, outcome: StepOutcome): Promise<void>;
  /** Of those that have not ended, by workspace; one that has none is missing. */
  counts(): Promise<ReadonlyMap<string, OpenCounts>>;
}

export interface OpenCounts {
  readonly active: number;
  readonly escalated: number;
}

/** @param workspaceId null: of all together. */
export function countsOf(counts: ReadonlyMap<string, OpenCounts>, workspaceId: string | null): OpenCounts {
  const counted = workspaceId === null ? [...counts.values()] : [counts.get(workspaceId) ?? { active: 0, escalated: 0 }];
  return {
    active: counted.reduce((sum, { active }) => sum + active, 0),
    escalated: counted.reduce((sum, { escalated }) => sum + escalated, 0),
  };
}
