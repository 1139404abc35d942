import type { ExecuteRequest } from '../gateway/patterns/executor.ts';

/** The request with more in its context. */
export function withContext(request: ExecuteRequest, more: Readonly<Record<string, unknown>>): ExecuteRequest {
  const { context } = request;
  return { ...request, context: typeof context === 'object' && context !== null ? { ...context, ...more } : more };
}
