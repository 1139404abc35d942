import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Anomaly } from './anomaly.ts';
import { checkHistory } from './check.ts';
import { isLinearizable } from './fixtures/brute-force.ts';
import type { ListPart, OperationOutcome, Value } from './history.ts';
import type { ListOperation } from './list-index.ts';

interface Step {
  readonly at: readonly [number, number];
  readonly session?: number;
  readonly outcome?: OperationOutcome;
  readonly parts: readonly ListPart[];
}

const append = (value: Value, key = 'k'): ListPart => ({ kind: 'append', key, value });
const read = (values: readonly Value[], key = 'k'): ListPart => ({ kind: 'read', key, values });
const operationsOf = (steps: readonly Step[]): readonly ListOperation[] =>
  steps.map(({ at: [invokedMs, returnedMs], session, outcome = 'ok', parts }, id) => ({
    id,
    session: session ?? id,
    invokedMs,
    returnedMs,
    outcome,
    action: { parts },
  }));
const check = (steps: readonly Step[]): readonly Anomaly[] => checkHistory({ model: 'list', operations: operationsOf(steps) }).anomalies;
const namesOf = (steps: readonly Step[]): readonly string[] => check(steps).map(({ name }) => name);

describe('one list', () => {
  it('finds nothing where everything is in order', () => {
    const steps: readonly Step[] = [
      { at: [0, 1], parts: [append(1)] },
      { at: [0.5, 2], parts: [append(2)] },
      { at: [0.6, 3], outcome: 'unknown', parts: [append(3)] },
      { at: [0.7, 3], outcome: 'fail', parts: [append(4)] },
      { at: [1.5, 1.8], parts: [read([1])] },
      { at: [4, 5], parts: [read([1, 2, 3])] },
    ];
    expect(namesOf(steps)).toEqual([]);
  });

  it.each<[string, string, readonly Step[]]>([
    [
      'lost update',
      'shows a list without it',
      [
        { at: [0, 1], parts: [append(1)] },
        { at: [2, 3], parts: [read([])] },
      ],
    ],
    [
      'lost update',
      'shows a list without it',
      [
        { at: [0, 1], parts: [append(1)] },
        { at: [2, 3], parts: [append(2)] },
        { at: [0.5, 4], parts: [read([2])] },
      ],
    ],
    [
      'duplicate apply',
      '1 is in k more than once',
      [
        { at: [0, 1], parts: [append(1)] },
        { at: [2, 3], parts: [read([1, 1])] },
      ],
    ],
    ['garbage', 'which nobody appended', [{ at: [2, 3], parts: [read([9])] }]],
    [
      'garbage',
      'before anybody appended it',
      [
        { at: [0, 1], parts: [read([1])] },
        { at: [2, 3], parts: [append(1)] },
      ],
    ],
    [
      'rejected but applied',
      'was refused (operation 0',
      [
        { at: [0, 1], outcome: 'fail', parts: [append(1)] },
        { at: [2, 3], parts: [read([1])] },
      ],
    ],
    [
      'forked order',
      'read 2 at position 0 of k, where operation 2',
      [
        { at: [0, 9], parts: [append(1)] },
        { at: [0, 9], parts: [append(2)] },
        { at: [2, 3], parts: [read([1, 2])] },
        { at: [2, 3], parts: [read([2])] },
      ],
    ],
    [
      'stale read',
      'began 1.0 ms after operation 0',
      [
        { at: [0, 1], parts: [append(1)] },
        { at: [2, 3], parts: [read([])] },
        { at: [2, 4], parts: [read([1])] },
      ],
    ],
    [
      'read your writes',
      'does not show it',
      [
        { at: [0, 1], session: 7, parts: [append(1)] },
        { at: [2, 3], session: 7, parts: [read([])] },
        { at: [2, 4], parts: [read([1])] },
      ],
    ],
    [
      'non-monotonic read',
      'shows 0 values of k, operation 1 (session 1, 2.0–3.0 ms) had shown 1',
      [
        { at: [0, 9], parts: [append(1)] },
        { at: [2, 3], parts: [read([1])] },
        { at: [4, 5], parts: [read([])] },
      ],
    ],
    [
      'order against time',
      'was acknowledged before operation 1',
      [
        { at: [0, 1], parts: [append(1)] },
        { at: [2, 3], parts: [append(2)] },
        { at: [2.5, 6], parts: [read([2, 1])] },
      ],
    ],
  ])('names %s (%s)', (name, sentence, steps) => {
    const [first, ...more] = check(steps);
    expect([first?.name, more]).toEqual([name, []]);
    expect(first?.witnesses[0]?.sentence).toContain(sentence);
  });

  it('does not tell a fork that a lost value made', () => {
    const steps: readonly Step[] = [
      { at: [0, 1], parts: [append(1)] },
      { at: [0, 5], parts: [append(2)] },
      { at: [2, 3], parts: [read([1])] },
      { at: [6, 7], parts: [read([2])] },
      { at: [8, 9], parts: [read([2])] },
    ];
    expect(namesOf(steps)).toEqual(['lost update']);
  });

  it('does not take what came twice for a stale read', () => {
    const steps: readonly Step[] = [
      { at: [0, 1], parts: [append(1)] },
      { at: [0, 2], parts: [append(2)] },
      { at: [3, 4], parts: [read([1, 2])] },
      { at: [5, 6], parts: [read([1, 2, 1])] },
    ];
    expect(namesOf(steps)).toEqual(['duplicate apply']);
  });

  it('keeps five witnesses and counts them all', () => {
    const lost = Array.from({ length: 9 }, (_, value): Step => ({ at: [0, 1], parts: [append(value)] }));
    const [anomaly] = check([...lost, { at: [2, 3], parts: [read([])] }]);
    expect([anomaly?.count, anomaly?.witnesses.length]).toEqual([9, 5]);
  });

  it('agrees with trying every order, on small histories of every kind', () => {
    const verdicts = { good: 0, bad: 0 };
    fc.assert(
      fc.property(smallHistory, (steps) => {
        const linearizable = isLinearizable(operationsOf(steps));
        verdicts[linearizable ? 'good' : 'bad'] += 1;
        expect(check(steps).length === 0).toBe(linearizable);
      }),
      { numRuns: 10_000, seed: 11 },
    );
    // Both answers must occur often, or the agreement would say nothing.
    expect(Math.min(verdicts.good, verdicts.bad)).toBeGreaterThan(1500);
  });
});

/** Times are all different, so that "before" is never a matter of taste; reads are mostly prefixes of one order, sometimes not. */
const smallHistory = fc
  .record({
    outcomes: fc.array(fc.constantFrom<OperationOutcome>('ok', 'ok', 'ok', 'unknown', 'fail'), { minLength: 1, maxLength: 4 }),
    reads: fc.array(fc.record({ length: fc.nat({ max: 4 }), twist: fc.nat({ max: 9 }) }), { maxLength: 3 }),
    times: fc.shuffledSubarray(
      Array.from({ length: 14 }, (_, index) => index),
      { minLength: 14, maxLength: 14 },
    ),
    tidy: fc.boolean(),
  })
  .map(({ outcomes, reads, times, tidy }): readonly Step[] => {
    const values = outcomes.map((_, value) => value);
    const shown = tidy ? values.filter((value) => outcomes[value] !== 'fail') : values;
    const parts: readonly Omit<Step, 'at'>[] = [
      ...outcomes.map((outcome, value) => ({ outcome, parts: [append(value)] })),
      ...reads.map(({ length, twist }) => ({ parts: [read(twisted(shown.slice(0, length), twist))] })),
    ];
    return parts.map((step, index) => ({ ...step, at: spanOf(times, index, tidy ? index : null) }));
  });

function twisted(values: readonly Value[], twist: number): readonly Value[] {
  if (twist === 0) return values.toReversed();
  if (twist === 1) return values.slice(1);
  return twist === 2 ? [...values, ...values.slice(0, 1)] : values;
}

/** Two of the shuffled times; a tidy history goes forward in time, with a little overlap. */
function spanOf(times: readonly number[], index: number, order: number | null): readonly [number, number] {
  if (order !== null) return [order * 2, order * 2 + 1 + (times[index] ?? 0) * 0.4 + 0.01 * index];
  const [a = 0, b = 0] = [times[index * 2], times[index * 2 + 1]];
  return [Math.min(a, b), Math.max(a, b)];
}

it('lets reads be as old as the target declares, and no older', () => {
  const operations = operationsOf([
    { at: [0, 1], parts: [append(1)] },
    { at: [1.5, 2], parts: [read([1])] },
    { at: [2.5, 3], parts: [read([])] },
    { at: [9, 10], parts: [read([1])] },
  ]);
  const named = (stalenessMs: number) => checkHistory({ model: 'list', stalenessMs, operations }).anomalies.map(({ name }) => name);
  expect([named(0), named(1), named(2)]).toEqual([['stale read', 'non-monotonic read'], ['stale read'], []]);
});

describe('transactions', () => {
  it('names a lost update: read, then appended, although others had appended in between', () => {
    const steps: readonly Step[] = [
      { at: [0, 5], parts: [read([]), append(1)] },
      { at: [0, 6], parts: [read([]), append(2)] },
      { at: [7, 8], parts: [read([1, 2])] },
    ];
    expect(namesOf(steps)).toEqual(['lost update']);
  });

  it('names a write skew: each did not see what the other appended', () => {
    const steps: readonly Step[] = [
      { at: [0, 5], parts: [read([], 'x'), append(1, 'y')] },
      { at: [0, 6], parts: [read([], 'y'), append(2, 'x')] },
      { at: [7, 8], parts: [read([2], 'x'), read([1], 'y')] },
    ];
    const [anomaly] = check(steps);
    expect(anomaly?.name).toBe('write skew');
    expect(anomaly?.witnesses[0]?.sentence).toContain('did not yet see what was appended by');
  });

  it('names a read skew: half of a transaction was seen', () => {
    const steps: readonly Step[] = [
      { at: [0, 5], parts: [append(1, 'x'), append(1, 'y')] },
      { at: [0, 6], parts: [read([1], 'x'), read([], 'y')] },
      { at: [7, 8], parts: [read([1], 'x'), read([1], 'y')] },
    ];
    expect(namesOf(steps)).toEqual(['read skew']);
  });

  it('names a dirty cycle: two transactions in different orders on two lists', () => {
    const steps: readonly Step[] = [
      { at: [0, 5], parts: [append(1, 'x'), append(1, 'y')] },
      { at: [0, 6], parts: [append(2, 'x'), append(2, 'y')] },
      { at: [7, 8], parts: [read([1, 2], 'x'), read([2, 1], 'y')] },
    ];
    expect(namesOf(steps)).toEqual(['dirty cycle']);
  });

  it('finds nothing in transactions one after the other, also when one reads what it wrote itself', () => {
    const steps: readonly Step[] = [
      { at: [0, 1], parts: [append(1), read([1])] },
      { at: [2, 3], parts: [read([1]), append(2), read([1, 2]), append(3)] },
      { at: [4, 5], parts: [read([1, 2, 3])] },
    ];
    expect(namesOf(steps)).toEqual([]);
  });
});

it('refuses a history that appends a value twice', () => {
  expect(() => check([{ at: [0, 1], parts: [append(1), append(1)] }])).toThrow('value 1 is appended twice to k');
});

it('counts the pairs that were under way at the same time', () => {
  const operations = operationsOf([
    { at: [0, 2], parts: [append(1)] },
    { at: [1, 4], parts: [append(2)] },
    { at: [3, 5], parts: [append(3)] },
    { at: [0, 9], outcome: 'fail', parts: [append(4)] },
    { at: [0, 9], parts: [append(5, 'other')] },
  ]);
  expect(checkHistory({ model: 'list', operations })).toMatchObject({ operations: 5, acknowledged: 4, unknown: 0, overlapping: 2 });
});
