import type { Decision } from './decision.ts';
import type { Expert } from './experts.ts';
import type { DelegationStatus } from './states.ts';

export interface DelegationResult {
  readonly text: string;
  readonly delegated: boolean;
  readonly answered: number;
  readonly asked: number;
}

export interface DelegationRow {
  readonly id: string;
  readonly workspace_id: string;
  readonly request: string;
  readonly user_id: string;
  readonly session_id: string;
  readonly decision: Decision;
  readonly experts: readonly Expert[];
  readonly status: DelegationStatus;
  readonly result: DelegationResult | null;
  readonly error: string | null;
  readonly progress: number;
  readonly deadline_at: Date;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export interface ResponseRow {
  readonly expert: string;
  readonly status: 'completed' | 'failed';
  readonly answer: string | null;
  readonly confidence: number | null;
  readonly tokens: number;
  readonly error: string | null;
  readonly execution_time_ms: number;
}

export interface NewDelegation {
  readonly id: string;
  readonly workspaceId: string;
  readonly request: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly decision: Decision;
  readonly idempotencyKey: string | null;
}

export interface Tokens {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface Ending {
  readonly to: 'completed' | 'failed' | 'cancelled' | 'timeout';
  readonly result?: DelegationResult;
  readonly error?: string;
  readonly tokens?: Tokens;
}

export interface DelegationStore {
  /** @throws ServiceError rate_limited when too many are open, idempotency_conflict when the key was used for another request. */
  create(delegation: NewDelegation): Promise<{ readonly delegation: DelegationRow; readonly created: boolean }>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<DelegationRow>;
  responses(id: string): Promise<readonly ResponseRow[]>;
  /** Sum of the token ledger. */
  tokens(id: string): Promise<number>;
  /** Takes an open delegation that nobody works on, or whose runner is gone; null when there is none. */
  claim(): Promise<DelegationRow | null>;
  release(id: string): Promise<void>;
  /** Puts the request on the experts' board. null when it is no longer pending. */
  begin(delegation: DelegationRow, experts: readonly Expert[]): Promise<DelegationRow | null>;
  /** Books the tokens, and keeps the answer unless the delegation is over: then false. */
  respond(delegation: DelegationRow, response: Omit<ResponseRow, 'tokens'> & Tokens): Promise<boolean>;
  /** null when it was over before. */
  end(delegation: DelegationRow, ending: Ending): Promise<DelegationRow | null>;
  /** @throws ServiceError not_found, or invalid_transition when it is over. */
  cancel(workspaceId: string, id: string): Promise<DelegationRow>;
  /** Of the workspace, before the delegation's first event; null when there is no such delegation. */
  firstSeq(workspaceId: string, id: string): Promise<number | null>;
}
