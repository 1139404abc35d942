export interface Batch {
  /** How long one took alone, before and after the others. */
  readonly aloneMs: readonly number[];
  /** How many were started at once, and how long until the last had ended. */
  readonly count: number;
  readonly togetherMs: number;
}

/**
 * How many times sooner all were done than one after the other. Measured against the quickest that ran alone: a machine that was slow for a
 * moment must not make waiting look like overlap.
 */
export function speedUp({ aloneMs, count, togetherMs }: Batch): number {
  return togetherMs > 0 && aloneMs.length > 0 ? (Math.min(...aloneMs) * count) / togetherMs : 0;
}
