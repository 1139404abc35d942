/** The only door for suites and config files: what a suite author may use. */
export { check, scenario, type CheckOptions, type Observed } from './run/check.ts';
export { NotMeasured, type Healed, type SuiteRun } from './run/suite-run.ts';
export type { CheckDeclaration } from './model/criterion.ts';
export type { Observation, Witness } from './model/measurement.ts';
export type { Outcome } from './model/outcome.ts';
export type { RecordDistribution, RecordSeries } from './model/record.ts';
export type { ResourceReading, RunningService } from './model/environment.ts';
export { createPostgresWitness, createRedisStreamReader, holdsIn, type EventStream, type McpSession } from './target/index.ts';
export {
  achievedRate,
  closedLoop,
  constantRate,
  distribution,
  generatorFault,
  latencyQuantile,
  meanLatency,
  runLoad,
  series,
  successRatio,
  type ClosedLoopResult,
  type LoadResult,
} from './load/index.ts';
export { postgresSampler, processSampler, sampleSeries, startSampling, type Sampler } from './metrics/index.ts';
