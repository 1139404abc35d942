import type { Criterion } from '../model/criterion.ts';
import { quantileNamedBy, requiredSamples } from './statistics/minimum.ts';

/**
 * Fewest samples (attempts, trials, windows) that can prove the target if everything goes perfectly; Infinity when no number
 * of samples can (`>= 100%` of a sample proves nothing about the rest). A quantile is read from the id (`…_p95`); an id that
 * names none is planned as p99, which takes more.
 */
export function samplesNeeded(criterion: Criterion): number {
  const q = quantileNamedBy(criterion.id);
  const written = requiredSamples(criterion, { q });
  const isBounded = criterion.kind === 'ratio' || (criterion.kind === 'quantile' && q !== null);
  return isBounded ? Math.max(written, requiredSamples({ ...criterion, minSamples: 'auto' }, { q })) : written;
}

/** Whether a run that plans `plannedSamples` for this criterion can prove its target at all. */
export function provable(criterion: Criterion, plannedSamples: number): { readonly provable: boolean; readonly needed: number } {
  const needed = samplesNeeded(criterion);
  return { provable: plannedSamples >= needed, needed };
}
