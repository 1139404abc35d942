import { describe, expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import type { BankAction, CounterAction, History, OperationOutcome, Recorded, RegisterAction, SetAction } from './history.ts';

interface Step<A> {
  readonly at: readonly [number, number];
  readonly session?: number;
  readonly outcome?: OperationOutcome;
  readonly action: A;
}

const recorded = <A>(steps: readonly Step<A>[]): readonly Recorded<A>[] =>
  steps.map(({ at: [invokedMs, returnedMs], session, outcome = 'ok', action }, id) => ({
    id,
    session: session ?? id,
    invokedMs,
    returnedMs,
    outcome,
    action,
  }));
const names = (history: History): readonly string[] => checkHistory(history).anomalies.map(({ name }) => name);

describe('a register with versions', () => {
  const write = (value: string, base: number | null, version: number | null): RegisterAction => ({
    kind: 'write',
    key: 'k',
    value,
    base,
    version,
  });
  const read = (value: string | null, version: number | null): RegisterAction => ({ kind: 'read', key: 'k', value, version });
  const check = (steps: readonly Step<RegisterAction>[]): readonly string[] => names({ model: 'register', operations: recorded(steps) });

  it('is in order when every write is on the version before', () => {
    const steps: readonly Step<RegisterAction>[] = [
      { at: [0, 1], action: write('a', 0, 1) },
      { at: [1.5, 3], action: write('b', 1, 2) },
      { at: [2, 3], outcome: 'fail', action: write('c', 1, null) },
      { at: [4, 5], action: read('b', 2) },
      { at: [0, 0.5], action: read(null, 0) },
    ];
    expect(check(steps)).toEqual([]);
  });

  it('may show what is as old as the target says, and nothing older; what is written is held to its order', () => {
    const stale = (stalenessMs: number, ...steps: readonly Step<RegisterAction>[]): readonly string[] =>
      names({ model: 'register', stalenessMs, operations: recorded(steps) });
    const written = [{ at: [0, 1], action: write('a', 0, 1) } as const, { at: [2, 3], action: write('b', 1, 2) } as const];
    const old: Step<RegisterAction> = { at: [8, 9], action: read('a', 1) };
    expect([stale(0, ...written, old), stale(4, ...written, old), stale(6, ...written, old)]).toEqual([['stale read'], ['stale read'], []]);
    expect(stale(6, ...written, { at: [4, 5], action: write('c', null, 1) })).toContain('order against time');
  });

  it.each<[string, readonly Step<RegisterAction>[]]>([
    [
      'lost update',
      [
        { at: [0, 3], action: write('a', 1, 2) },
        { at: [1, 3], action: write('b', 1, 3) },
      ],
    ],
    [
      'forked order',
      [
        { at: [0, 3], action: write('a', null, 2) },
        { at: [1, 3], action: write('b', null, 2) },
      ],
    ],
    [
      'forked order',
      [
        { at: [0, 3], action: write('a', 0, 1) },
        { at: [1, 4], action: write('b', 1, 2) },
        { at: [5, 6], action: read('a', 2) },
      ],
    ],
    ['garbage', [{ at: [0, 1], action: read('x', 1) }]],
    [
      'rejected but applied',
      [
        { at: [0, 1], outcome: 'fail', action: write('a', 0, null) },
        { at: [2, 3], action: read('a', 1) },
      ],
    ],
    [
      'stale read',
      [
        { at: [0, 1], action: write('a', 0, 1) },
        { at: [2, 3], action: read(null, 0) },
      ],
    ],
    [
      'read your writes',
      [
        { at: [0, 1], session: 5, action: write('a', 0, 1) },
        { at: [2, 3], session: 5, action: read(null, 0) },
      ],
    ],
    [
      'non-monotonic read',
      [
        { at: [0, 9], action: write('a', 0, 1) },
        { at: [2, 3], action: read('a', 1) },
        { at: [4, 5], action: read(null, 0) },
      ],
    ],
    [
      'order against time',
      [
        { at: [0, 1], action: write('a', null, 2) },
        { at: [2, 3], action: write('b', null, 1) },
      ],
    ],
  ])('names a %s', (name, steps) => {
    expect(check(steps)).toEqual([name]);
  });
});

describe('a register without versions', () => {
  const write = (value: string): RegisterAction => ({ kind: 'write', key: 'k', value, base: null, version: null });
  const read = (value: string | null, version: number | null = null): RegisterAction => ({ kind: 'read', key: 'k', value, version });
  const check = (...steps: readonly Step<RegisterAction>[]): readonly string[] => names({ model: 'register', operations: recorded(steps) });

  it('lost an update when nothing is there after a write was acknowledged', () => {
    expect(check({ at: [0, 1], action: write('a') }, { at: [2, 3], action: read(null) })).toEqual(['lost update']);
    expect(check({ at: [0, 1], action: write('a') }, { at: [2, 3], action: read(null, 0) })).toEqual(['lost update']);
  });

  it('shows an old value when a later write was acknowledged before the read began', () => {
    const [first, second] = [write('a'), write('b')].map((action, index) => ({
      at: [index * 2, index * 2 + 1] as const,
      session: 5,
      action,
    }));
    if (first === undefined || second === undefined) return;
    expect(check(first, second, { at: [4, 5], session: 6, action: read('a') })).toEqual(['stale read']);
    expect(check(first, second, { at: [4, 5], session: 5, action: read('a') })).toEqual(['read your writes']);
    expect(check(first, second, { at: [4, 5], action: read('b') })).toEqual([]);
  });

  it.each<[string, readonly Step<RegisterAction>[]]>([
    [
      'the write was under way',
      [
        { at: [0, 3], action: write('a') },
        { at: [2, 4], action: read(null) },
      ],
    ],
    [
      'nobody knows whether the write took effect',
      [
        { at: [0, 1], outcome: 'unknown', action: write('a') },
        { at: [2, 4], action: read(null) },
      ],
    ],
    [
      'the write was refused',
      [
        { at: [0, 1], outcome: 'fail', action: write('a') },
        { at: [2, 4], action: read(null) },
      ],
    ],
    [
      'the two writes overlapped',
      [
        { at: [0, 2], action: write('a') },
        { at: [1, 3], action: write('b') },
        { at: [4, 5], action: read('a') },
      ],
    ],
    [
      'the first may have taken effect later',
      [
        { at: [0, 1], outcome: 'unknown', action: write('a') },
        { at: [2, 3], action: write('b') },
        { at: [4, 5], action: read('a') },
      ],
    ],
    [
      'the value was written again',
      [
        { at: [0, 1], action: write('a') },
        { at: [2, 3], action: write('b') },
        { at: [2, 9], action: write('a') },
        { at: [4, 5], action: read('a') },
      ],
    ],
  ])('says nothing when %s', (_, steps) => {
    expect(check(...steps)).toEqual([]);
  });
});

describe('a counter', () => {
  const add = (delta: number): CounterAction => ({ kind: 'add', key: 'k', delta });
  const read = (value: number): CounterAction => ({ kind: 'read', key: 'k', value });
  const UNDER_WAY: readonly Step<CounterAction>[] = [
    { at: [0, 1], action: add(5) },
    { at: [0, 9], action: add(2) },
    { at: [0, 9], outcome: 'unknown', action: add(-1) },
    { at: [0, 9], outcome: 'fail', action: add(100) },
  ];

  it.each<[number, readonly string[]]>([
    [13, ['lost update']],
    [14, []],
    [15, []],
    [17, []],
    [18, ['duplicate apply']],
  ])('reading %i while 2 more and 1 less may have come to 15 gives %j', (value, expected) => {
    const operations = recorded([...UNDER_WAY, { at: [2, 3], action: read(value) }]);
    expect(names({ model: 'counter', initial: 10, operations })).toEqual(expected);
  });
});

describe('a set', () => {
  const add = (value: string): SetAction => ({ kind: 'add', key: 'k', value });
  const read = (...values: readonly string[]): SetAction => ({ kind: 'read', key: 'k', values });
  const check = (steps: readonly Step<SetAction>[]): readonly string[] => names({ model: 'set', operations: recorded(steps) });

  it.each<[readonly string[], readonly Step<SetAction>[]]>([
    [
      [],
      [
        { at: [0, 1], action: add('a') },
        { at: [0, 5], action: read() },
        { at: [2, 3], action: read('a') },
      ],
    ],
    [
      ['lost update'],
      [
        { at: [0, 1], action: add('a') },
        { at: [2, 3], action: read() },
      ],
    ],
    [
      ['lost update'],
      [
        { at: [0, 1], action: add('a') },
        { at: [2, 3], action: read('a') },
        { at: [4, 5], action: read() },
      ],
    ],
    [
      ['stale read'],
      [
        { at: [0, 1], action: add('a') },
        { at: [2, 3], action: read() },
        { at: [4, 5], action: read('a') },
      ],
    ],
    [
      ['read your writes'],
      [
        { at: [0, 1], session: 5, action: add('a') },
        { at: [2, 3], session: 5, action: read() },
        { at: [4, 5], action: read('a') },
      ],
    ],
    [
      ['duplicate apply'],
      [
        { at: [0, 1], action: add('a') },
        { at: [2, 3], action: read('a', 'a') },
      ],
    ],
    [['garbage'], [{ at: [2, 3], action: read('x') }]],
    [
      ['garbage'],
      [
        { at: [2, 3], action: read('x') },
        { at: [4, 5], action: add('x') },
      ],
    ],
    [
      ['rejected but applied'],
      [
        { at: [0, 1], outcome: 'fail', action: add('a') },
        { at: [2, 3], action: read('a') },
      ],
    ],
  ])('gives %j', (expected, steps) => {
    expect(check(steps)).toEqual(expected);
  });
});

describe('a bank', () => {
  const read = (balances: Readonly<Record<string, number>>): Step<BankAction> => ({ at: [0, 1], action: { kind: 'read', balances } });
  const check = (mayGoNegative: boolean, ...steps: readonly Step<BankAction>[]): readonly string[] =>
    names({ model: 'bank', total: 10, mayGoNegative, operations: recorded(steps) });

  it('adds up, and says when it does not', () => {
    expect(check(false, read({ a: 4, b: 6 }))).toEqual([]);
    expect(check(false, read({ a: 0.4, b: 4.9, c: 2.8, d: 1.9 }))).toEqual([]);
    expect(check(false, read({ a: 4, b: 5.99 }))).toEqual(['money made or lost']);
    expect(check(false, read({ a: -1, b: 11 }))).toEqual(['overdrawn']);
    expect(check(true, read({ a: -1, b: 11 }))).toEqual([]);
  });
});
