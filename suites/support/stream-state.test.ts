import { describe, expect, it } from 'vitest';
import { isAfter, isDelivered, isDrained, standingOf, trimmedUnread } from './stream-state.ts';

const state = {
  key: 's',
  entries: ['5-0', '6-0', '7-0', '8-10'].map((id) => ({ id, text: `value of ${id}` })),
  delivered: '7-0',
  pending: new Set(['6-0']),
  unread: 1,
};

describe('where a message without an effect is', () => {
  it.each([
    ['value of 6-0', 'pending'],
    ['value of 8-10', 'unread'],
    ['value of 5-0', 'dropped'],
    ['value of 1-0', 'gone'],
  ])('%s: %s', (value, standing) => expect(standingOf(value, state)).toBe(standing));
});

it('counts what went unread, and what cannot be counted is not 0', () => {
  expect(trimmedUnread(state)).toBe(0);
  expect(trimmedUnread({ ...state, unread: 71 })).toBe(70);
  expect(trimmedUnread({ ...state, unread: null })).toBe(null);
});

it('compares ids by their numbers, of any length', () => {
  expect(isAfter('8-10', '8-9')).toBe(true);
  expect(isAfter('10-0', '9-5')).toBe(true);
  expect(isAfter('8-9', '8-9')).toBe(false);
});

it('knows when a group was given everything, and when nothing is left to do', () => {
  const delivered = { ...state, delivered: '8-10' };
  expect([isDelivered(state), isDelivered(delivered)]).toEqual([false, true]);
  expect([isDrained(delivered), isDrained({ ...delivered, pending: new Set() })]).toEqual([false, true]);
});
