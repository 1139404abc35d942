import { expect, it } from 'vitest';
import { pageLength } from './paged.ts';

const stored = Array.from({ length: 60 }, (_, index) => `v${index}`);
const first = { shown: stored.slice(0, 50), stored };
const last = { shown: stored.slice(-50).toReversed(), stored };

it('knows a page by the round number at which several lists end', () => {
  expect(pageLength([first, first, { shown: ['a'], stored: ['a'] }])).toBe(50);
  expect(pageLength([last, first])).toBe(50);
});

it.each([
  ['one list alone', [first]],
  ['lists of different length', [first, { shown: stored.slice(0, 55), stored }]],
  ['an odd number', [first, first].map(() => ({ shown: stored.slice(0, 57), stored }))],
  ['a gap', [first, { shown: [...stored.slice(0, 20), ...stored.slice(30)], stored }]],
  ['nothing missing', [{ shown: stored, stored }]],
])('does not excuse what is missing by %s', (_, lists) => expect(pageLength(lists)).toBeNull());
