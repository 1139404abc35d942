export { aggregate, type Decision } from './aggregate.ts';
export { orderForReport } from './blocked.ts';
export { effectOf, exitCodeOf, isUnknown } from './effect.ts';
export { evaluate } from './evaluate.ts';
export { lintCriteria, type LintFinding } from './lint.ts';
export { planFor } from './next-steps.ts';
export { provable, samplesNeeded } from './power.ts';
export { reconcile, type Reports, undeclaredIds } from './reconcile.ts';
export type { Score } from './score.ts';
