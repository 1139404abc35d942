import { describe, expect, it } from 'vitest';
import { judgeEvents, type Story, type Told } from './event-truth.ts';

const told = (value: string | null, more: Partial<Told> = {}): Told => ({
  key: 'k',
  value,
  look: 'there',
  lacks: [],
  sequence: null,
  ...more,
});
const story = (events: readonly Told[], more: Partial<Story> = {}): Story => ({
  told: [events],
  refused: new Map(),
  lists: new Map([['k', ['a', 'b', 'c']]]),
  ...more,
});

describe('judgeEvents', () => {
  it('believes events that come after their changes, in their order', () => {
    expect(judgeEvents(story([told('a', { sequence: 3 }), told('b', { sequence: 4 }), told('c', { sequence: 9 })]))).toEqual({
      trials: 3,
      wrong: [],
    });
  });

  it('does not take a lost event for a lie, nor a read without an answer', () => {
    expect(judgeEvents(story([told('a'), told('c', { look: 'unknown' })]))).toEqual({ trials: 1, wrong: [] });
  });

  it('tells an event that came early from one that came for nothing', () => {
    const { wrong } = judgeEvents(story([told('a', { look: 'missing' }), told('z', { look: 'missing' })]));
    expect(wrong).toEqual([
      'the event of a came before its change: who read k on it did not find it; it was there later',
      'the event of z tells of a change of k that never happened',
    ]);
  });

  it('names the event of an append that was refused, once', () => {
    const { trials, wrong } = judgeEvents(story([told('z', { look: 'missing' })], { refused: new Map([['z', 'status 409']]) }));
    expect({ trials, wrong }).toEqual({
      trials: 2,
      wrong: ['the append of z was refused (status 409), and its event was sent all the same'],
    });
  });

  it('names what came after an event of a later change', () => {
    expect(judgeEvents(story([told('b'), told('a'), told('c')])).wrong).toEqual([
      'the event of a (place 1 of k) came after that of b (place 2)',
    ]);
  });

  it('does not compare the order of two subscriptions', () => {
    expect(judgeEvents({ ...story([]), told: [[told('b')], [told('a')]] }).wrong).toEqual([]);
  });

  it('names numbers that do not grow, and fields that are not there', () => {
    const { wrong } = judgeEvents(story([told('a', { sequence: 5 }), told('b', { sequence: 5, lacks: ['at', 'id'] })]));
    expect(wrong).toEqual(['the event of b has number 5 and came after number 5', 'the event of b has no `at`, no `id`']);
  });

  it('takes the same event once more for no other one', () => {
    const again = told('a', { sequence: 5 });
    expect(judgeEvents(story([again, again, told('b', { sequence: 6 })])).wrong).toEqual([]);
  });

  it('an event without a value is a lie like any other', () => {
    expect(judgeEvents(story([told(null, { look: 'missing' })])).wrong).toEqual([
      'the event of no value tells of a change of k that never happened',
    ]);
  });
});
