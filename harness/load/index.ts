export type { Calibration } from './calibrate.ts';
export { calibrate } from './calibrate.ts';
export type { LoadClock } from './clock.ts';
export { systemClock } from './clock.ts';
export type { AgentResult, ClosedLoopOptions, ClosedLoopResult } from './closed-loop.ts';
export { closedLoop } from './closed-loop.ts';
export { generatorFault } from './generator-fault.ts';
export { achievedRate, distribution, latencyQuantile, meanLatency, series, successRatio } from './observations.ts';
export { runLoad } from './open-loop.ts';
export type { Schedule } from './pacer.ts';
export { constantRate, poissonRate } from './pacer.ts';
export { seededRandom } from './random.ts';
export type {
  Action,
  ActionResult,
  Arrival,
  LiveWindow,
  LoadOptions,
  LoadResult,
  LoadWindow,
  Quantiles,
  SelfCheck,
  WindowedResult,
} from './types.ts';
export { latenciesOf, latencyAt } from './windows.ts';
