export const STATUS_BY_CODE = {
  validation_failed: 422,
  malformed_body: 400,
  unknown_operation: 400,
  unknown_version: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  no_match: 404,
  method_not_allowed: 405,
  invalid_transition: 409,
  concurrency_limit: 409,
  version_conflict: 409,
  idempotency_conflict: 409,
  already_exists: 409,
  conflict: 409,
  payload_too_large: 413,
  rate_limited: 429,
  internal: 500,
  not_supported: 501,
  dependency_unavailable: 503,
  circuit_open: 503,
  overloaded: 503,
  timeout: 504,
} as const;

export type ErrorCode = keyof typeof STATUS_BY_CODE;

export interface ServiceErrorOptions {
  readonly details?: unknown;
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** An answer that is not a success: what the caller is told, with the status that follows from the code. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly code: ErrorCode;
  readonly details: unknown;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: ServiceErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterMs = options.retryAfterMs;
  }
}

export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly details?: unknown; readonly retry_after_ms?: number };
  readonly request_id: string;
}

export function errorBody(error: ServiceError, requestId: string): ErrorBody {
  return {
    error: {
      code: error.code,
      message: error.message,
      ...(error.details === undefined ? {} : { details: error.details }),
      ...(error.retryAfterMs === undefined ? {} : { retry_after_ms: error.retryAfterMs }),
    },
    request_id: requestId,
  };
}
