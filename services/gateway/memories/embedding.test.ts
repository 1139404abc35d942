import { expect, it } from 'vitest';
import { DIMENSIONS, embed } from './embedding.ts';

const cosine = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

it('has length 1 in 384 dimensions', () => {
  const vector = embed('disk of node seven');
  expect(vector).toHaveLength(DIMENSIONS);
  expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
});

it('is nearer to a text that shares words than to one that does not', () => {
  const query = embed('disk full');
  expect(cosine(query, embed('the disk is full'))).toBeGreaterThan(cosine(query, embed('weather tomorrow')));
});

it('is the zero vector without a word', () => expect(embed('…').every((value) => value === 0)).toBe(true));
