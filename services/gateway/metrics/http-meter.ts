import type { MiddlewareHandler } from 'hono';
import type { AppEnv } from '../../shared/http-app.ts';
import type { Metric } from './exposition.ts';
import { counter, gauge, histogram } from './instruments.ts';

export interface HttpMeter {
  /** Before every route. */
  readonly observe: MiddlewareHandler<AppEnv>;
  readonly metrics: readonly Metric[];
}

const BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** Counts answers by the template of their route, never by the path: a path is the caller's, and there are endless ones. */
export function createHttpMeter(): HttpMeter {
  const answers = counter({ name: 'gateway_http_requests_total', help: 'Answers by method, route and status.' });
  const durations = histogram({ name: 'gateway_http_request_seconds', help: 'Time from request to answer, by method and route.' }, BOUNDS);
  let inFlight = 0;
  return {
    observe: async (context, next) => {
      const startedAtMs = performance.now();
      inFlight++;
      try {
        await next();
      } finally {
        inFlight--;
        const method = METHODS.has(context.req.method) ? context.req.method : 'other';
        const route = context.get('route') ?? 'none';
        answers.add({ method, route, status: String(context.res.status) });
        durations.observe({ method, route }, (performance.now() - startedAtMs) / 1000);
      }
    },
    metrics: [answers, durations, gauge({ name: 'gateway_http_in_flight', help: 'Requests that are being answered.' }, () => inFlight)],
  };
}
