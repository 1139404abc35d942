import { expect, it } from 'vitest';
import { completionFor, thinkingMs } from './completion.ts';
import { UsageBook } from './usage.ts';

it('says the same about the same prompt, and something else about another', () => {
  expect(completionFor('a', 20)).toBe(completionFor('a', 20));
  expect(completionFor('a', 20)).not.toBe(completionFor('b', 20));
  expect(completionFor('a', 20).split(' ')).toHaveLength(20);
});

it('thinks from 5 to 15 ms', () => {
  const times = Array.from({ length: 200 }, (_, index) => thinkingMs(`prompt ${index}`));
  expect([Math.min(...times), Math.max(...times)]).toEqual([5, 15]);
});

it('adds up per operation, and forgets the one booked longest ago', () => {
  const book = new UsageBook(2);
  book.add('a', 1, 2);
  book.add('b', 1, 1);
  book.add('a', 10, 20);
  book.add('c', 5, 5);
  expect(book.of('a')).toEqual({ calls: 2, prompt_tokens: 11, completion_tokens: 22, total_tokens: 33 });
  expect([book.of('b').total_tokens, book.forgotten]).toEqual([0, 1]);
});
