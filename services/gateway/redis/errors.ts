import { ServiceError } from '../../shared/service-error.ts';

/** For routes that cannot do without Redis: whatever went wrong there is a 503. */
export async function needingRedis<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof ServiceError) throw cause;
    throw new ServiceError('dependency_unavailable', 'Redis is not available', { cause, retryAfterMs: 1000 });
  }
}
