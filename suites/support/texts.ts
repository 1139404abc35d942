import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';

/**
 * Request texts for a mix: every `freshEvery`-th is new to the target (a cache miss), the others come from the
 * workload's pool of distinct texts. The pool belongs to this call, so checks do not warm each other's cache.
 */
export function textMix(run: SuiteRun, freshEvery: number): (index: number) => string {
  const pool = randomUUID();
  return (index) =>
    index % freshEvery === 0
      ? `assess parcel ${pool} as never before, request ${index}`
      : `assess parcel ${pool} number ${index % run.spec.workload.distinctTexts}`;
}
