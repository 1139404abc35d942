import { describe, expect, it } from 'vitest';
import { judgeHanding, type Handing } from './handed-out.ts';

const ANSWER = { status: 200, json: {}, text: '', durationMs: 1, outcome: 'ok', error: null, headers: {} } as const;
const claim = (worker: string, id: string | null, more: { readonly known?: boolean; readonly atMs?: number } = {}) => ({
  worker,
  id,
  known: true,
  atMs: 0,
  answer: ANSWER,
  ...more,
});
const GOOD: Handing = {
  tasks: ['a', 'b'],
  claims: [claim('one', 'a'), claim('two', 'b'), claim('one', null)],
  completed: new Map([
    ['a', ['one']],
    ['b', ['two']],
  ]),
  states: new Map([
    ['a', 'done'],
    ['b', 'done'],
  ]),
  done: ['done'],
};

describe('judgeHanding', () => {
  it('finds nothing when each task went to one worker and is done', () => {
    expect(judgeHanding(GOOD)).toEqual({ wrong: [], open: 0 });
  });

  it('names both workers of a task that two were given', () => {
    const { wrong } = judgeHanding({ ...GOOD, claims: [...GOOD.claims, claim('three', 'a', { atMs: 12 })] });
    expect(wrong).toEqual(['task a was handed to one (after 0 ms) and three (after 12 ms); it was completed once']);
  });

  it('names a task that nobody was given, but not when a claim had no answer', () => {
    const claims = [claim('one', 'a'), claim('two', null)];
    expect(judgeHanding({ ...GOOD, claims }).wrong).toEqual([expect.stringContaining('task b was handed to nobody')]);
    expect(judgeHanding({ ...GOOD, claims: [...claims, claim('three', null, { known: false })] })).toEqual({ wrong: [], open: 1 });
  });

  it('names a task whose completion was acknowledged and did not last', () => {
    const states = new Map([...GOOD.states, ['b', 'assigned'] as const]);
    expect(judgeHanding({ ...GOOD, states }).wrong).toEqual(['task b was completed by two and acknowledged, but its state is assigned']);
  });

  it('leaves open what was not acknowledged, or cannot be read', () => {
    expect(judgeHanding({ ...GOOD, completed: new Map() })).toEqual({ wrong: [], open: 2 });
    expect(judgeHanding({ ...GOOD, states: new Map() })).toEqual({ wrong: [], open: 2 });
  });

  it('leaves open what one worker was given again because its end had no answer', () => {
    const again = { ...GOOD, claims: [...GOOD.claims, claim('one', 'a', { atMs: 9 })], completed: new Map([['b', ['two']]]) };
    expect(judgeHanding(again)).toEqual({ wrong: [], open: 1 });
  });

  it('says nothing of tasks that somebody else made', () => {
    expect(judgeHanding({ ...GOOD, claims: [...GOOD.claims, claim('one', 'x'), claim('two', 'x')] }).wrong).toEqual([]);
  });
});
