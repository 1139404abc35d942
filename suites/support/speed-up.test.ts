import { expect, it } from 'vitest';
import { speedUp } from './speed-up.ts';

it.each([
  ['one after the other', { aloneMs: [100, 100], count: 4, togetherMs: 400 }, 1],
  ['all at once', { aloneMs: [100, 100], count: 4, togetherMs: 100 }, 4],
  ['one after the other, when one that ran alone was disturbed', { aloneMs: [900, 100], count: 4, togetherMs: 400 }, 1],
  ['nothing that ran alone', { aloneMs: [], count: 4, togetherMs: 400 }, 0],
])('%s', (_, batch, expected) => {
  expect(speedUp(batch)).toBe(expected);
});
