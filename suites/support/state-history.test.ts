import { expect, it } from 'vitest';
import { membersIn } from './state-history.ts';

it('sees the fields that it wrote, with their values, and leaves the others alone', () => {
  expect(membersIn({ f01234567: 'a', temperature: 1, fabcdef01: null })).toEqual(['f01234567=a', 'fabcdef01=null']);
});

it.each([[undefined], [null], ['text'], [[1]]])('cannot see anything in %j', (fields) => {
  expect(membersIn(fields)).toBeNull();
});
