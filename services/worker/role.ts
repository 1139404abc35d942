import type { z } from 'zod';

export interface Outcome {
  readonly result: Readonly<Record<string, unknown>>;
  /** From 0 to 1: how far the result can be trusted, computed from the input. */
  readonly confidence: number;
  /** Tokens of the model; absent when it was not asked. */
  readonly usage?: { readonly promptTokens: number; readonly completionTokens: number };
}

export interface OperationContext {
  readonly operationId: string;
  /** Monotonic milliseconds at which the caller stops waiting. */
  readonly deadlineAtMs: number;
}

/** One thing a worker can do. */
export interface Operation {
  /** @throws ServiceError validation_failed when the parameters are not what the operation takes; timeout. */
  run(parameters: unknown, context: OperationContext): Promise<Outcome>;
}

export type Role = Readonly<Record<string, Operation>>;

/** An operation from a schema and a function of what the schema lets through. */
export interface TypedOperation<T> {
  readonly schema: z.ZodType<T>;
  readonly run: (input: T, context: OperationContext) => Outcome | Promise<Outcome>;
}
