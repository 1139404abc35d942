import { expect, it } from 'vitest';
import { overtakenIn } from './stream-order.ts';

const sent = ['a', 'b', 'c', 'd'].map((value) => ({ value, agent: 'x' }));

it('finds neighbours the other way round, and nothing else', () => {
  expect(overtakenIn(sent, ['a', 'b', 'c', 'd'])).toEqual({ pairs: 3, sentences: [] });
  expect(overtakenIn(sent, ['foreign', 'a', 'd'])).toEqual({ pairs: 1, sentences: [] });
  const { pairs, sentences } = overtakenIn(sent, ['a', 'c', 'b', 'd']);
  expect([pairs, sentences.length]).toEqual([3, 1]);
  expect(sentences[0]).toContain('number 3 (c) stands before number 2 (b)');
});
