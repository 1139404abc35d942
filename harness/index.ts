/** The only door for suites and config files: what a suite author may use. */
export { check, scenario, type CheckOptions, type Observed } from './run/check.ts';
export { NotMeasured, type Healed, type SuiteRun } from './run/suite-run.ts';
export type { CheckDeclaration } from './model/criterion.ts';
export type { ListBinding } from './model/bindings/lists.ts';
export type { ValueMaker } from './model/bindings/values.ts';
export type { HttpTemplate } from './model/target.ts';
export type { EvidenceClass, Observation, Witness } from './model/measurement.ts';
export type { Outcome } from './model/outcome.ts';
export { holdMark, markedName, signature } from './environment/index.ts';
export type { MadeHere, OwnThings } from './run/footprint-link.ts';
export type { RecordDistribution, RecordSeries } from './model/record.ts';
export type { ResourceReading, RunningService } from './model/environment.ts';
export { DEFAULT_REPEATS, WORK_SIZES, WORK_TYPES, type Prices, type Sample, type WorkSize, type WorkType } from './model/economy.ts';
export { inDatabaseOf } from './model/addresses.ts';
export { fillText } from './model/template.ts';
export { RESPONSE_CLASSES, STAGES, type ResponseClass, type Stage } from './model/budgets.ts';
export {
  createPostgresWitness,
  createRedisStreamReader,
  extract,
  holdsIn,
  numberIn,
  readStages,
  textIn,
  type Answer,
  type EventStream,
  type McpSession,
  type MeterReading,
  type StageReading,
  type TypedExecution,
  type Work,
} from './target/index.ts';
export {
  checkHistory,
  checkInWorker,
  HistoryRecorder,
  type History,
  type Anomaly,
  type AnomalyName,
  type BankAction,
  type CounterAction,
  type HistoryWitness,
  type Judgement,
  type ListAction,
  type OperationOutcome,
  type Recorded,
  type RegisterAction,
  type Seen,
  type SetAction,
} from './history/index.ts';
export {
  achievedRate,
  blockLatencies,
  closedLoop,
  constantRate,
  distribution,
  generatorFault,
  latencyQuantile,
  lostShare,
  meanLatency,
  runLoad,
  OVERLOAD,
  searchCapacity,
  seededRandom,
  series,
  spreadOf,
  successRatio,
  type CapacityOptions,
  type CapacityResult,
  type ClosedLoopResult,
  type LoadPlan,
  type LoadResult,
  type MixEntry,
  type Shape,
} from './load/index.ts';
export {
  floorOf,
  peakOf,
  postgresSampler,
  processSampler,
  readTap,
  redisSampler,
  sampleSeries,
  slopePerHour,
  startSampling,
  type RedisUsage,
  type Sampler,
  type Slope,
  type TapReads,
} from './metrics/index.ts';
