import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import { groupBy } from './group.ts';
import type { CounterAction, Key, Recorded } from './history.ts';

type CounterOperation = Recorded<CounterAction>;
type Add = CounterOperation & { readonly action: Extract<CounterAction, { kind: 'add' }> };

/** Acknowledged ones that are shown beside a read that misses something. */
const SHOWN_ADDS = 4;

export interface Counters {
  readonly initial: number;
  /** Reads may be so old. */
  readonly stalenessMs?: number;
  readonly operations: readonly CounterOperation[];
}

/**
 * A counter can only be bounded: a read shows at least the acknowledged increments before it began, and at most all that had been asked for
 * when it was over. Increments and decrements may be mixed. What a read misses is lost when the last one misses something too, else that read was
 * stale.
 */
export function checkCounters({ initial, stalenessMs = 0, operations }: Counters, findings: Findings): void {
  for (const [key, own] of groupBy(operations, ({ action }) => action.key))
    checkKey(key, { initial, stalenessMs, operations: own }, findings);
}

function checkKey(key: Key, { initial, stalenessMs, operations }: Required<Counters>, findings: Findings): void {
  const adds = operations.filter((operation): operation is Add => operation.action.kind === 'add' && operation.outcome !== 'fail');
  const acknowledged = adds.filter(({ outcome }) => outcome === 'ok').toSorted((a, b) => a.returnedMs - b.returnedMs);
  const endsMs = acknowledged.map(({ returnedMs }) => returnedMs);
  const certain = new Sums(acknowledged.map(({ returnedMs, action }) => ({ atMs: returnedMs, delta: action.delta })));
  const possible = new Sums(adds.map(({ invokedMs, action }) => ({ atMs: invokedMs, delta: action.delta })));
  const looks = operations.flatMap((operation): readonly Look[] => {
    const { action } = operation;
    if (action.kind !== 'read' || action.value === null || operation.outcome !== 'ok') return [];
    const [sure, may] = [certain.before(operation.invokedMs - stalenessMs), possible.before(operation.returnedMs)];
    // What is possible beyond the certain may be there or not, each increment and each decrement by itself.
    return [{ operation, value: action.value, low: initial + sure.up + may.down, high: initial + sure.down + may.up }];
  });
  const last = looks.reduce<Look | null>(
    (latest, look) => (look.operation.invokedMs > (latest?.operation.invokedMs ?? -1) ? look : latest),
    null,
  );
  const isLost = last !== null && last.value < last.low;
  for (const look of looks) {
    const ended = countBefore(endsMs, look.operation.invokedMs);
    checkLook(key, { look, before: acknowledged.slice(Math.max(0, ended - SHOWN_ADDS), ended), isLost }, findings);
  }
}

interface Look {
  readonly operation: CounterOperation;
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

interface Looked {
  readonly look: Look;
  /** The last that had been acknowledged before it began. */
  readonly before: readonly Add[];
  readonly isLost: boolean;
}

function checkLook(key: Key, { look, before, isLost }: Looked, findings: Findings): void {
  const { operation, value, low, high } = look;
  const read = `${named(operation)} read ${value} of ${key}`;
  if (value < low)
    findings.add(
      isLost ? 'lost update' : 'stale read',
      [...before, operation],
      () => `${read}, at least ${low} had been acknowledged before it began`,
    );
  else if (value > high) findings.add('duplicate apply', [operation], () => `${read}, at most ${high} had been asked for when it was over`);
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
    const count = countBefore(this.#times, atMs);
    return { up: this.#up[count] ?? 0, down: this.#down[count] ?? 0 };
  }
}

/** @param times in ascending order. */
function countBefore(times: readonly number[], atMs: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] ?? 0) < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums of the first n, for every n from none to all. */
function running(values: readonly number[]): readonly number[] {
  const sums = [0];
  for (const value of values) sums.push((sums.at(-1) ?? 0) + value);
  return sums;
}
