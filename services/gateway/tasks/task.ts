import type { TaskStatus } from './status.ts';

export interface Task {
  readonly id: string;
  readonly workspace_id: string;
  readonly title: string;
  readonly status: TaskStatus;
  /** 1 to 10; the highest is claimed first. */
  readonly priority: number;
  readonly required_capabilities: readonly string[];
  readonly max_retries: number;
  readonly retry_count: number;
  readonly agent_id: string | null;
  readonly result: unknown;
  readonly error: string | null;
  readonly version: number;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly finished_at: Date | null;
  readonly updated_at: Date;
}

export interface NewTask {
  readonly workspaceId: string;
  readonly title: string;
  readonly priority: number;
  readonly requiredCapabilities: readonly string[];
  readonly maxRetries: number;
  /** The same key in the same workspace makes the task once, however often it is sent. */
  readonly idempotencyKey: string | null;
}

export interface TaskQuery {
  readonly workspaceId: string;
  readonly status: TaskStatus | null;
  readonly limit: number;
  /** Only tasks made before the one that has this place. */
  readonly before: string | null;
}

export interface TaskPage {
  readonly items: readonly Task[];
  /** To be given as `before` for the next page; null at the end. */
  readonly next: string | null;
}

/** What is to be done to a task. */
export type Change =
  | { readonly action: 'assign'; readonly agentId: string }
  | { readonly action: 'start' | 'unblock' | 'block' | 'cancel' }
  | { readonly action: 'complete'; readonly result: unknown }
  | { readonly action: 'fail'; readonly reason: string; readonly retry: boolean };

export interface Tasks {
  /**
   * @returns the stored task; `created` is false when the key had been used for the same task before.
   * @throws ServiceError idempotency_conflict when the key was used for another one.
   */
  create(task: NewTask): Promise<{ readonly task: Task; readonly created: boolean }>;
  /** Newest first. */
  list(query: TaskQuery): Promise<TaskPage>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<Task>;
  /** @throws ServiceError not_found (task, agent), invalid_transition, or conflict when the agent lacks a capability. */
  change(workspaceId: string, id: string, change: Change): Promise<Task>;
  /**
   * Assigns the pending task of the highest priority that the agent can do; each task goes to one agent, however many ask at once.
   * @returns null when there is none. @throws ServiceError not_found (agent).
   */
  claim(workspaceId: string, agentId: string): Promise<Task | null>;
}
