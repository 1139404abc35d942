/** The door for the command line: what runs outside the suites. Suites use `index.ts`; this one never loads vitest. */
export { PROVIDERS } from './config/schema.ts';
export { loadConfig, readDuration, resolveCriteria, type ResolvedConfig } from './config/index.ts';
export { lintCriteria, samplesNeeded } from './decision/index.ts';
export { readEvidence, readRecord } from './evidence/run-folder.ts';
export { Interruption } from './run/interruption.ts';
export { judge } from './run/judge.ts';
export { makePlan, unmeasurable } from './run/plan.ts';
export { openSession } from './run/environment-session.ts';
export { startFailureText } from './run/start-failure.ts';
export { supervise } from './run/supervisor.ts';
export { missingRequirements } from './run/requirements.ts';
export { describeBinaries, processInfo } from './environment/index.ts';
