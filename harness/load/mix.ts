import type { MixEntry } from './plan.ts';
import { seededRandom } from './random.ts';

/** Longest cycle: finer shares than one in so many are rounded. */
const MAX_CYCLE = 10_000;
/** Keeps the order of the mix apart from other uses of the plan's seed. */
const SALT = 0x9e3779b9;

/**
 * Which entry of the mix arrival k of the whole schedule is. The entries come in cycles in which each has exactly its share, in an order of
 * its own for every cycle: so no virtual agent and no worker, which take every n-th arrival, always meets the same entry.
 */
export function mixOrder(mix: readonly MixEntry[], seed: number): (globalIndex: number) => number {
  if (mix.length < 2) return () => 0;
  const cards = cardsOf(mix);
  const order = Uint16Array.from(cards);
  let held = -1;
  return (globalIndex) => {
    const cycle = Math.floor(globalIndex / cards.length);
    if (cycle !== held) {
      order.set(cards);
      shuffle(order, seededRandom(seed ^ Math.imul(cycle + 1, SALT)));
      held = cycle;
    }
    return order[globalIndex % cards.length] ?? 0;
  };
}

/** The entries of one cycle, each as often as its weight says. */
function cardsOf(mix: readonly MixEntry[]): readonly number[] {
  return countsOf(mix.map(({ weight }) => weight)).flatMap((count, entry) => Array.from({ length: count }, () => entry));
}

/** The smallest whole numbers in the ratio of the weights; where those are too many, the nearest to it, and of each entry at least one. */
function countsOf(weights: readonly number[]): readonly number[] {
  for (let scale = 1; scale <= MAX_CYCLE; scale *= 10) {
    const scaled = weights.map((weight) => weight * scale);
    if (!scaled.every((weight) => Math.abs(weight - Math.round(weight)) < 1e-9 && weight >= 0.5)) continue;
    const whole = scaled.map(Math.round);
    const divisor = whole.reduce(greatestCommonDivisor);
    const counts = whole.map((weight) => weight / divisor);
    if (sum(counts) <= MAX_CYCLE) return counts;
  }
  const all = sum(weights);
  return weights.map((weight) => Math.max(1, Math.round((weight / all) * MAX_CYCLE)));
}

function shuffle(order: Uint16Array, random: () => number): void {
  for (let last = order.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1));
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
