import type { MiddlewareHandler } from 'hono';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import type { AppEnv } from '../../shared/http-app.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import type { Outside } from '../outside.ts';
import type { Connections } from '../ws/connections.ts';
import { backlogMetrics } from './backlog-metrics.ts';
import { CONTENT_TYPE, expose, type Metric, type Sample } from './exposition.ts';
import { createHttpMeter } from './http-meter.ts';
import { gauge } from './instruments.ts';
import { meterPool, type PoolMeter } from './pool-meter.ts';
import { createProcessMetrics } from './process-metrics.ts';
import { streamMetrics } from './stream-metrics.ts';

export interface MetricsFeature extends Feature {
  readonly poolMeter: PoolMeter;
  /** Before every route. */
  readonly observe: MiddlewareHandler<AppEnv>;
}

export interface MetricsParts {
  readonly outside: Outside;
  readonly connections: Connections;
}

const STATES = ['closed', 'half_open', 'open'] as const;

/** Figures for Prometheus. They say nothing about a tenant; with keys required a scraper needs one too. */
export function metricsFeature({ config, pool, redis, reporter }: Core, { outside, connections }: MetricsParts): MetricsFeature {
  const poolMeter = meterPool(pool, config.poolMax);
  const http = createHttpMeter();
  const own = createProcessMetrics();
  const metrics: readonly Metric[] = [
    ...http.metrics,
    ...poolMeter.metrics,
    ...own.metrics,
    ...backlogMetrics(pool, reporter('backlog_not_read')),
    ...streamMetrics(redis, reporter('pending_not_read')),
    breakerMetric(outside),
    gauge({ name: 'gateway_ws_connections', help: 'Open WebSocket connections.' }, () => connections.stats(null).connections),
  ];
  return {
    poolMeter,
    observe: http.observe,
    endpoints: [metricsEndpoint(metrics)],
    stop: () => {
      own.stop();
      return Promise.resolve();
    },
  };
}

function metricsEndpoint(metrics: readonly Metric[]): Endpoint {
  return endpoint({
    method: 'get',
    path: '/metrics',
    summary: 'Figures in the text format of Prometheus',
    tag: 'health',
    answers: { 200: { contentType: CONTENT_TYPE } },
    handle: async () => json(200, await expose(metrics)),
  });
}

function breakerMetric({ meter, workers }: Outside): Metric {
  const read = (): readonly Sample[] =>
    [meter, ...workers].flatMap(({ name, breaker }) =>
      STATES.map((state) => ({ labels: { name, state }, value: breaker.status().state === state ? 1 : 0 })),
    );
  return gauge({ name: 'gateway_breaker_state', help: '1 for the state that the breaker is in.' }, read);
}
