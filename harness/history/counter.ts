import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import { groupBy } from './group.ts';
import type { CounterAction, Key, Recorded } from './history.ts';

type CounterOperation = Recorded<CounterAction>;
type Add = CounterOperation & { readonly action: Extract<CounterAction, { kind: 'add' }> };

/**
 * A counter can only be bounded: a read shows at least the acknowledged increments before it began, and at most all that had been asked for
 * when it was over. Increments and decrements may be mixed.
 */
export function checkCounters(initial: number, operations: readonly CounterOperation[], findings: Findings): void {
  for (const [key, own] of groupBy(operations, ({ action }) => action.key)) checkKey(key, { initial, operations: own }, findings);
}

interface Counter {
  readonly initial: number;
  readonly operations: readonly CounterOperation[];
}

function checkKey(key: Key, { initial, operations }: Counter, findings: Findings): void {
  const adds = operations.filter((operation): operation is Add => operation.action.kind === 'add' && operation.outcome !== 'fail');
  const certain = new Sums(
    adds.filter(({ outcome }) => outcome === 'ok').map(({ returnedMs, action }) => ({ atMs: returnedMs, delta: action.delta })),
  );
  const possible = new Sums(adds.map(({ invokedMs, action }) => ({ atMs: invokedMs, delta: action.delta })));
  for (const operation of operations) {
    const { action } = operation;
    if (action.kind !== 'read' || action.value === null || operation.outcome !== 'ok') continue;
    const [sure, may] = [certain.before(operation.invokedMs), possible.before(operation.returnedMs)];
    // What is possible beyond the certain may be there or not, each increment and each decrement by itself.
    const low = initial + sure.up + may.down;
    const high = initial + sure.down + may.up;
    const { value } = action;
    if (value < low)
      findings.add(
        'lost update',
        [operation],
        () => `${named(operation)} read ${value} of ${key}, at least ${low} had been acknowledged before it began`,
      );
    else if (value > high)
      findings.add(
        'duplicate apply',
        [operation],
        () => `${named(operation)} read ${value} of ${key}, at most ${high} had been asked for when it was over`,
      );
  }
}

interface Step {
  readonly atMs: number;
  readonly delta: number;
}

/** Sums of increments and of decrements up to a moment, found by bisection. */
class Sums {
  readonly #times: readonly number[];
  readonly #up: readonly number[];
  readonly #down: readonly number[];

  constructor(steps: readonly Step[]) {
    const sorted = steps.toSorted((a, b) => a.atMs - b.atMs);
    this.#times = sorted.map(({ atMs }) => atMs);
    this.#up = running(sorted.map(({ delta }) => Math.max(0, delta)));
    this.#down = running(sorted.map(({ delta }) => Math.min(0, delta)));
  }

  before(atMs: number): { readonly up: number; readonly down: number } {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#times[middle] ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return { up: this.#up[low] ?? 0, down: this.#down[low] ?? 0 };
  }
}

/** Sums of the first n, for every n from none to all. */
function running(values: readonly number[]): readonly number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return sums;
}
