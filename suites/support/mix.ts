import type { MixEntry, SuiteRun } from '../../harness/index.ts';

/** Every so many requests of `execute` one is new to the target: a cache miss. */
const FRESH_EVERY = 4;

/**
 * The work of the declared workload as a mix for `run.load`: what `workload.mix` names by its weights, else `execute` alone. All of it
 * happens in one new workspace, with the workload's number of distinct texts.
 * @param options added to every entry.
 */
export function mixOf(run: Pick<SuiteRun, 'spec' | 'workspace'>, options: MixEntry['options'] = {}): readonly MixEntry[] {
  const { mix, distinctTexts } = run.spec.workload;
  const shared = { workspace: run.workspace(), distinct: distinctTexts, fresh: FRESH_EVERY, ...options };
  return Object.entries(mix ?? { execute: 1 }).map(([operation, weight]) => ({ operation, weight, options: shared }));
}
