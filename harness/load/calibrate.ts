import type { LoadClock } from './clock.ts';
import { runLoad } from './open-loop.ts';
import { constantRate } from './pacer.ts';
import type { Quantiles } from './types.ts';

export interface Calibration {
  readonly perSecond: number;
  readonly durationMs: number;
  /** null when not one arrival was issued (aborted at once). */
  readonly latenessMs: Quantiles | null;
  readonly elu: number;
  /** Share of one core. */
  readonly cpuShare: number;
}

/**
 * What this process and this machine can do at best: paces actions that do nothing and reports how late they were.
 * A noisy machine shows here before it shows in a latency.
 */
export async function calibrate(options: {
  readonly perSecond: number;
  readonly durationMs: number;
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
}): Promise<Calibration> {
  const { perSecond, durationMs, ...rest } = options;
  const load = {
    schedule: constantRate({ perSecond, durationMs }),
    warmupMs: durationMs / 5,
    maxInFlight: 1000,
    timeoutMs: 1000,
    drainMs: 1000,
  };
  const result = await runLoad({ ...load, ...rest, action: async () => ({ outcome: 'ok' }) });
  return { perSecond, durationMs, latenessMs: result.latenessMs, elu: result.elu, cpuShare: result.cpuMs / durationMs };
}
