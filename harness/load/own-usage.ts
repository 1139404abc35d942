import { performance } from 'node:perf_hooks';

/** Starts measuring what this process itself costs; the returned function gives the figures since then. */
export function measureOwnUsage(): () => { readonly elu: number; readonly cpuMs: number } {
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  return () => {
    const used = process.cpuUsage(cpu);
    return { elu: performance.eventLoopUtilization(loop).utilization, cpuMs: (used.user + used.system) / 1000 };
  };
}
