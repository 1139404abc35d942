import { expect, it } from 'vitest';
import { checkHistory } from './check.ts';
import type { CounterAction, History, Recorded, SetAction } from './history.ts';

const names = (history: History): readonly string[] => checkHistory(history).anomalies.map(({ name }) => name);

/** Acknowledged at 1 ms, looked for from 2 ms on and from 9 ms on. */
const looked = <A>(...actions: readonly A[]): readonly Recorded<A>[] =>
  actions.map((action, id) => {
    const invokedMs = [0, 2, 9][id] ?? 0;
    return { id, session: id, invokedMs, returnedMs: invokedMs + 1, outcome: 'ok', action };
  });

it.each<[string, number, readonly number[], readonly string[]]>([
  ['missed by the last read too is lost', 0, [0, 0], ['lost update']],
  ['seen at last was stale before', 0, [0, 5], ['stale read']],
  ['missed for no longer than declared is in order', 3, [0, 5], []],
  ['missed for longer than declared was stale', 0.5, [0, 5], ['stale read']],
  ['missed at last is lost, whatever is declared', 3, [0, 0], ['lost update']],
])('what is counted and %s (staleness %d)', (_, stalenessMs, [first = 0, last = 0], expected) => {
  const read = (value: number): CounterAction => ({ kind: 'read', key: 'k', value });
  const operations = looked<CounterAction>({ kind: 'add', key: 'k', delta: 5 }, read(first), read(last));
  expect(names({ model: 'counter', initial: 0, stalenessMs, operations })).toEqual(expected);
});

it('shows the acknowledged steps that a read misses', () => {
  const read: CounterAction = { kind: 'read', key: 'k', value: 0 };
  const { anomalies } = checkHistory({
    model: 'counter',
    initial: 0,
    operations: looked<CounterAction>({ kind: 'add', key: 'k', delta: 5 }, read),
  });
  expect(anomalies[0]?.witnesses[0]?.operations.map(({ action }) => (action as CounterAction).kind)).toEqual(['add', 'read']);
});

it('a set may be shown as it was a while ago, and loses nothing for ever', () => {
  const read = (...values: readonly string[]): SetAction => ({ kind: 'read', key: 'k', values });
  const late = (...last: readonly string[]) => looked<SetAction>({ kind: 'add', key: 'k', value: 'a' }, read(), read(...last));
  expect(names({ model: 'set', stalenessMs: 3, operations: late('a') })).toEqual([]);
  expect(names({ model: 'set', operations: late('a') })).toEqual(['stale read']);
  expect(names({ model: 'set', stalenessMs: 3, operations: late() })).toEqual(['lost update']);
});

it('a set that lost a member for good lost the one that came back, too', () => {
  const add = (value: string): SetAction => ({ kind: 'add', key: 'k', value });
  const read = (...values: readonly string[]): SetAction => ({ kind: 'read', key: 'k', values });
  const operations = [add('a'), add('b'), read('b'), read('a')].map((action, id) => {
    return { id, session: id, invokedMs: 2 * id, returnedMs: 2 * id + 1, outcome: 'ok', action } as const;
  });
  expect(checkHistory({ model: 'set', operations }).anomalies).toMatchObject([{ name: 'lost update', count: 2 }]);
});
