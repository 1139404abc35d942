import { describe, expect, it } from 'vitest';
import { type AskedMove, chainProblem, isExplained, rivalsIn } from './move-order.ts';

/** A door with a lock, and a state without a way back. */
const DOOR = { open: ['closed'], closed: ['open', 'locked', 'broken'], locked: ['closed', 'broken'], broken: [] };

const move = (to: string, seen: AskedMove['seen'] = 'accepted', startMs = 0, endMs = 10): AskedMove => ({ to, seen, startMs, endMs });

describe('an order that explains what was accepted', () => {
  it('is found among those that the table allows', () => {
    expect(isExplained(DOOR, { from: 'closed', moves: [move('broken'), move('locked')], final: 'broken' })).toBe(true);
    expect(isExplained(DOOR, { from: 'closed', moves: [], final: 'closed' })).toBe(true);
  });

  it('is not there when the moves exclude each other, or end elsewhere', () => {
    expect(isExplained(DOOR, { from: 'closed', moves: [move('open'), move('locked')], final: 'locked' })).toBe(false);
    expect(isExplained(DOOR, { from: 'closed', moves: [move('broken'), move('locked')], final: 'locked' })).toBe(false);
    expect(isExplained(DOOR, { from: 'closed', moves: [move('open')], final: 'closed' })).toBe(false);
  });

  it('needs no reason for a refusal, and lets what is unknown happen or not', () => {
    expect(isExplained(DOOR, { from: 'closed', moves: [move('open', 'refused')], final: 'closed' })).toBe(true);
    expect(isExplained(DOOR, { from: 'closed', moves: [move('open', 'refused')], final: 'open' })).toBe(false);
    for (const final of ['closed', 'open']) {
      expect(isExplained(DOOR, { from: 'closed', moves: [move('open', 'unknown')], final })).toBe(true);
    }
  });

  it('keeps what was over before another began before it; what is unknown may still happen after it', () => {
    const late = move('locked', 'accepted', 20, 30);
    expect(isExplained(DOOR, { from: 'closed', moves: [late, move('broken')], final: 'broken' })).toBe(false);
    expect(isExplained(DOOR, { from: 'closed', moves: [late, move('broken', 'unknown')], final: 'broken' })).toBe(true);
  });

  it('is found quickly among many', () => {
    const circle = { a: ['b'], b: ['c'], c: ['a'] };
    const moves = Array.from({ length: 12 }, (_, index) => move(['a', 'b', 'c'][index % 3] ?? 'a'));
    expect(isExplained(circle, { from: 'a', moves, final: 'b' })).toBe(false);
    expect(isExplained(circle, { from: 'a', moves, final: 'a' })).toBe(true);
  });
});

describe('a chain of recorded moves', () => {
  const race = { from: 'closed', moves: [move('open'), move('locked', 'refused')], final: 'open' };

  it('is whole when each move begins where the last one ended', () => {
    expect(chainProblem(['open>closed', 'closed>open'], race)).toBeNull();
  });

  it.each([
    [['closed>locked', 'closed>open'], 'the moves on record do not make a chain: closed>locked is followed by closed>open'],
    [['open>closed'], 'the last move on record is open>closed, and the state is open'],
    [[], 'the move to open was accepted and is not on record'],
  ])('of %j is not', (steps, problem) => {
    expect(chainProblem(steps, race)).toBe(problem);
  });
});

describe('moves that are rivals', () => {
  it('go in one order at most, and those that exclude each other come first', () => {
    expect(rivalsIn(DOOR)).toEqual([
      { from: 'open', to: ['closed', 'closed'] },
      { from: 'closed', to: ['open', 'open'] },
      { from: 'closed', to: ['open', 'locked'] },
      { from: 'closed', to: ['open', 'broken'] },
      { from: 'closed', to: ['locked', 'locked'] },
      { from: 'closed', to: ['broken', 'broken'] },
      { from: 'locked', to: ['closed', 'closed'] },
      { from: 'locked', to: ['broken', 'broken'] },
      { from: 'closed', to: ['locked', 'broken'] },
      { from: 'locked', to: ['closed', 'broken'] },
    ]);
  });

  it('are none where every order is legal', () => {
    expect(rivalsIn({ a: ['a', 'b', 'c'], b: ['a', 'b', 'c'], c: ['a', 'b', 'c'] })).toEqual([]);
  });
});
