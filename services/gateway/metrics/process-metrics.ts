import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Metric } from './exposition.ts';
import { gauge } from './instruments.ts';

const RESOLUTION_MS = 10;
const NS_PER_SECOND = 1e9;

export interface ProcessMetrics {
  readonly metrics: readonly Metric[];
  stop(): void;
}

/** Memory, processor time and how late the event loop was since it was last asked. */
export function createProcessMetrics(): ProcessMetrics {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const eventLoop = gauge({ name: 'gateway_event_loop_delay_seconds', help: 'Delay of the event loop since the last scrape.' }, () => {
    // Before the first sample there is no mean.
    const seconds = [['0.5', delay.percentile(50)] as const, ['0.99', delay.percentile(99)] as const, ['1', delay.max] as const];
    const samples = seconds.map(([quantile, ns]) => ({ labels: { quantile }, value: ns / NS_PER_SECOND }));
    const known = delay.count > 0;
    delay.reset();
    return known ? samples : [];
  });
  return {
    metrics: [
      eventLoop,
      gauge({ name: 'process_resident_memory_bytes', help: 'Memory of the process.' }, () => process.memoryUsage.rss()),
      gauge({ name: 'process_cpu_seconds', help: 'Processor time since the start.' }, () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      }),
      gauge({ name: 'process_start_time_seconds', help: 'When the process started.' }, () =>
        Math.round(Date.now() / 1000 - process.uptime()),
      ),
    ],
    stop: () => delay.disable(),
  };
}
