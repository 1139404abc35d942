import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../../shared/http-app.ts';
import { ServiceError } from '../../shared/service-error.ts';
import type { LoopWatch } from './loop-watch.ts';

export interface AdmissionLimits {
  /** Requests that are answered at once. */
  readonly inFlight: number;
  /** What a process that cannot keep up begins so late in a turn of its event loop, it refuses instead. */
  readonly behindMs: number;
}

/** What an orchestrator or a monitor asks is cheap, and is asked most when much is going on. */
const ALWAYS = /^\/(health|metrics|version)(\/|$)/;
const RETRY_AFTER_MS = 1000;

/**
 * Before every route: refuses what cannot be answered in time. In a queue that grows everybody is answered too late; to refuse costs a
 * tenth of an answer, so that those who are let in are as quick as ever.
 */
export function createAdmission(limits: AdmissionLimits, loop: Pick<LoopWatch, 'behindMs'>): MiddlewareHandler<AppEnv> {
  let inFlight = 0;
  return async (context, next) => {
    if (ALWAYS.test(context.req.path)) return next();
    if (inFlight >= limits.inFlight) throw overloaded(`${limits.inFlight} requests are being answered, which is the limit`);
    if (loop.behindMs() > limits.behindMs) throw overloaded('there is more to do than can be done in time');
    inFlight++;
    try {
      return await next();
    } finally {
      inFlight--;
    }
  };
}

function overloaded(message: string): ServiceError {
  return new ServiceError('overloaded', message, { retryAfterMs: RETRY_AFTER_MS });
}
