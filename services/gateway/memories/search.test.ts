import { expect, it } from 'vitest';
import { ordersByIndex } from './search.ts';

const scan = { 'Node Type': 'Index Scan', 'Index Name': 'memories_by_distance', 'Order By': '(embedding <=> $3)' };

it('says index where an index yields the rows in order, however deep in the plan', () => {
  expect(ordersByIndex([{ Plan: { 'Node Type': 'Sort', Plans: [{ 'Node Type': 'Limit', Plans: [scan] }] } }])).toBe(true);
});

it.each([
  [[{ Plan: { 'Node Type': 'Sort', Plans: [{ 'Node Type': 'Seq Scan' }] } }]],
  [[{ Plan: { 'Node Type': 'Sort', Plans: [{ 'Node Type': 'Index Scan', 'Index Name': 'memories_by_workspace' }] } }]],
  [null],
  [undefined],
])('says no for %j', (plan) => {
  expect(ordersByIndex(plan)).toBe(false);
});
