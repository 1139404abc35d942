/** Tokens of one question: each time it was asked, and what one answer costs without any optimisation. */
export interface Pair {
  readonly served: readonly number[];
  readonly baseline: number;
}

/** What was saved of the baseline, from 1 (all) over 0 (nothing) to below 0 (it costs more). NaN for a baseline of 0. */
export function savingOf({ served, baseline }: Pair): number {
  return 1 - sum(served) / (served.length * baseline);
}

/** The same of all pairs together: the witness beside the mean of the pairs, in which large and small questions count alike. */
export function savingOfSums(pairs: readonly Pair[]): number {
  return 1 - sum(pairs.flatMap(({ served }) => served)) / sum(pairs.map(({ served, baseline }) => served.length * baseline));
}

/** By how much each operation of the second half took more than the one in its place in the first half, as a share of that one. */
export function growthOf(tokens: readonly number[]): readonly number[] {
  const half = Math.floor(tokens.length / 2);
  return Array.from({ length: half }, (_, index) => {
    const [before = Number.NaN, after = Number.NaN] = [tokens[index], tokens[tokens.length - half + index]];
    return (after - before) / before;
  });
}

/** From the least to the most, as a share of the mean; 0 when they are all the same. */
export function spreadOf(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return mean === 0 ? 0 : (Math.max(...values) - Math.min(...values)) / mean;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
