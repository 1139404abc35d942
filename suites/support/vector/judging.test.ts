import { describe, expect, it } from 'vitest';
import { servesOperator, type VectorIndex } from './column.ts';
import { recallOf } from './exact.ts';
import { ordersByIndex, statementBy } from './plan.ts';
import { vectorSource } from './vectors.ts';

describe('recall', () => {
  it('counts equal distances whichever row it was', () => {
    expect(recallOf({ rows: 50, farthest: 0.5, distances: [0.1, 0.5, 0.5] }, 3)).toEqual({ found: 3, of: 3 });
  });
  it('counts what is farther as not found', () => {
    expect(recallOf({ rows: 50, farthest: 0.5, distances: [0.1, 0.6, 0.7] }, 3)).toEqual({ found: 1, of: 3 });
  });
  it('asks for no more than there is', () =>
    expect(recallOf({ rows: 2, farthest: 0.5, distances: [0.1, 0.5] }, 10)).toEqual({ found: 2, of: 2 }));
  it('works with the negative distances of inner products', () => {
    expect(recallOf({ rows: 9, farthest: -3, distances: [-9, -3, -2] }, 3)).toEqual({ found: 2, of: 3 });
  });
});

const HNSW: VectorIndex = { name: 'by_distance', method: 'hnsw', operatorClass: 'vector_cosine_ops', operators: ['<=>'], valid: true };

it('serves an operator with a valid index of its class only', () => {
  expect(servesOperator([HNSW], '<=>')?.ok).toBe(true);
  expect(servesOperator([HNSW], '<->')?.ok).toBe(false);
  expect(servesOperator([{ ...HNSW, valid: false }], '<=>')?.ok).toBe(false);
  expect(servesOperator([], '<=>')).toBeNull();
});

const count = (text: string, calls: number) => ({ id: text, text, calls, totalMs: 0, rows: 0, blocks: 0, tempBlocks: 0 });

it('takes the statement that was sent most, and no explanation of one', () => {
  const counts = new Map(
    [
      count('select id from notes order by embedding <=> $1', 40),
      count('explain select id from notes order by embedding <=> $1', 90),
      count('select 1', 500),
    ].map((one) => [one.id, one]),
  );
  expect(statementBy(counts, '<=>', 'public.notes')).toBe('select id from notes order by embedding <=> $1');
  expect(statementBy(counts, '<->', 'notes')).toBeNull();
});

it('sees an index in a plan where it orders, not where it filters', () => {
  const scan = { 'Node Type': 'Index Scan', 'Index Name': 'by_distance' };
  const within = (node: object): unknown => [{ Plan: { 'Node Type': 'Limit', Plans: [node] } }];
  expect(ordersByIndex(within({ ...scan, 'Order By': '(embedding <=> $1)' }), ['by_distance'])).toBe(true);
  expect(ordersByIndex(within(scan), ['by_distance'])).toBe(false);
  expect(ordersByIndex(within({ ...scan, 'Order By': 'x' }), ['another'])).toBe(false);
});

it('makes the same vectors of length 1 from the same seed', () => {
  const vector = vectorSource(7, 16).next();
  expect(vector).toEqual(vectorSource(7, 16).next());
  expect(Math.hypot(...vector)).toBeCloseTo(1, 3);
});
