export { coordinate, LOAD_NOT_RUN, type CoordinatedLoad } from './coordinator.ts';
/** The queue and the operations load packages that cost half a second: they have doors of their own, and no place here. */
export { mapTexts, referenceTo, SECRET_MISSING } from './secret-references.ts';
export { localWorkers } from './local-workers.ts';
export type { LoadWorkers } from './messages.ts';
export type { LoadTask, OpeningProgress, PreparedTask, TaskHooks, TaskRunner } from './load-task.ts';
export { closedLoopPeak, type PeakOptions } from './peak.ts';
export type { PeakRequest, PeakResult } from './peak-types.ts';
