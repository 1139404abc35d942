import { MIXER_STEP, seededRandom } from './random.ts';
import type { RateCurve } from './rate-curve.ts';

/** The arrivals of a whole schedule: `dueAt(k)` for 0 ≤ k < `count`, never decreasing, in [0, duration). */
export interface ArrivalTimes {
  readonly count: number;
  dueAt(index: number): number;
}

/** Arrivals kept at a time, whatever the length of the load. */
const BLOCK = 1024;

/** Equal steps of the integrated rate: at a constant rate equal gaps. */
export function evenArrivals(curve: RateCurve): ArrivalTimes {
  // A product that is whole but for rounding must not become one arrival more.
  return { count: Math.ceil(curve.total - 1e-9 - curve.total * Number.EPSILON * 4), dueAt: (index) => curve.timeOf(index) };
}

/**
 * A Poisson process with this rate: unit-rate arrivals (exponential gaps) mapped through the inverse of the integrated rate. Counted once
 * and then made again block by block from a sum kept at the beginning of each, so an hour costs the memory of a minute.
 */
export function poissonArrivals(curve: RateCurve, seed: number): ArrivalTimes {
  const { count, sums } = walk(curve.total, seed);
  const block = new Float64Array(BLOCK);
  let held = -1;
  return {
    count,
    dueAt(index) {
      if (index >= count) return Number.POSITIVE_INFINITY;
      const wanted = Math.floor(index / BLOCK);
      if (wanted !== held) {
        fill(block, { sum: sums[wanted] ?? 0, random: randomAt(seed, wanted * BLOCK) });
        held = wanted;
      }
      // Mapped on demand: the curve is walked in the order in which arrivals are asked for.
      return Math.min(curve.timeOf(block[index % BLOCK] ?? 0), curve.durationMs);
    },
  };
}

/** Counts the arrivals below `total`, with the sum of the gaps before each block. */
function walk(total: number, seed: number): { readonly count: number; readonly sums: readonly number[] } {
  const random = seededRandom(seed);
  const sums: number[] = [];
  let [count, sum] = [0, 0];
  for (let next = sum + gap(random); next < total; next = sum + gap(random)) {
    if (count % BLOCK === 0) sums.push(sum);
    sum = next;
    count += 1;
  }
  return { count, sums };
}

function fill(block: Float64Array, { sum, random }: { readonly sum: number; readonly random: () => number }): void {
  let reached = sum;
  for (let place = 0; place < block.length; place += 1) {
    reached += gap(random);
    block[place] = reached;
  }
}

function gap(random: () => number): number {
  return -Math.log(1 - random());
}

/** The generator as it is after so many draws: its state grows by the same number with each. */
function randomAt(seed: number, draws: number): () => number {
  return seededRandom((seed + Math.imul(draws, MIXER_STEP)) >>> 0);
}
