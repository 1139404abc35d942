/** The door for the command line: what runs outside the suites. Suites use `index.ts`; this one never loads vitest. */
export { PROVIDERS } from './config/schema.ts';
export { loadConfig, readDuration, redactText, resolveCriteria, type ResolvedConfig } from './config/index.ts';
export { lintCriteria, samplesNeeded } from './decision/index.ts';
export { readEvidence, readRecord } from './evidence/run-folder.ts';
export { Interruption } from './run/interruption.ts';
export { judge } from './run/judge.ts';
export { makePlan, unmeasurable } from './run/plan.ts';
export { openSession, type Session, type StartedEnvironment } from './run/environment-session.ts';
export { reuseStack } from './run/reused-session.ts';
export { serveEnvironment } from './run/environment-server.ts';
export { linkToStack, type StackLink } from './run/stack-link.ts';
export type { StackState } from './run/stack-protocol.ts';
export { describeExit } from './run/own-criteria.ts';
export { codeDigests } from './run/code-digest.ts';
export { targetDigest, type TargetDigest } from './run/target-digest.ts';
export { serveQueue } from './run/serve-queue.ts';
export { writesTo } from './run/target-footprint.ts';
export { supervise } from './run/supervisor.ts';
export { missingRequirements } from './run/requirements.ts';
export {
  chooseProvider,
  deadLedgers,
  type EngineDescription,
  type ProviderDescription,
  describeBinaries,
  describeEngine,
  describeProviders,
  LOG_START,
  logEnd,
  processInfo,
  sweepDeadLedgers,
  type LogPosition,
} from './environment/index.ts';
