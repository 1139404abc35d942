import { describe, expect, it } from 'vitest';
import type { Effect } from '../model/state.ts';
import { orderForReport } from './blocked.ts';

interface Row {
  readonly id: string;
  readonly effect: Effect;
  readonly blockedBy: string | null;
}

function row(id: string, effect: Effect, blockedBy: string | null = null): Row {
  return { id, effect, blockedBy };
}

function order(...rows: readonly Row[]): readonly string[] {
  return orderForReport(rows).map(({ id }) => id);
}

describe('orderForReport', () => {
  it('puts the worst effect first and keeps the order of equals', () => {
    const rows = [row('a', 'ok'), row('b', 'hold'), row('c', 'note'), row('d', 'block'), row('e', 'condition'), row('f', 'hold')];
    expect(order(...rows)).toEqual(['d', 'b', 'f', 'e', 'c', 'a']);
  });

  it('puts what a failure blocked directly after it, over several steps', () => {
    const rows = [row('deep', 'hold', 'middle'), row('other', 'hold'), row('middle', 'hold', 'root'), row('root', 'block')];
    expect(order(...rows)).toEqual(['root', 'deep', 'middle', 'other']);
  });

  it('lets a mild root cause lead what it blocked, where the worst of them belongs', () => {
    const rows = [row('fine', 'ok'), row('blocked', 'hold', 'root'), row('hold', 'condition'), row('root', 'note')];
    expect(order(...rows)).toEqual(['root', 'blocked', 'hold', 'fine']);
  });

  it('takes a blocker that is not in the list for what it is: unknown', () => {
    expect(order(row('a', 'note'), row('b', 'hold', 'elsewhere'))).toEqual(['b', 'a']);
  });

  it('loses nothing when blockers run in a circle', () => {
    expect(order(row('a', 'hold', 'b'), row('b', 'hold', 'a'), row('c', 'hold', 'c')).toSorted()).toEqual(['a', 'b', 'c']);
  });
});
