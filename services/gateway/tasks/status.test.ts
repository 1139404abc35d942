import { describe, expect, it } from 'vitest';
import { nextOf } from './change.ts';
import { RETRIES_LEFT, TASK_ACTIONS, TASK_STATUSES, TASK_TRANSITIONS, isLegal, targetOf } from './status.ts';
import type { Task } from './task.ts';

const LEGAL = new Set([
  'pending assign',
  'pending cancel',
  'assigned start',
  'assigned cancel',
  'in_progress complete',
  'in_progress fail',
  'in_progress block',
  'in_progress cancel',
  'blocked unblock',
  'blocked cancel',
]);

const task = (over: Partial<Task> = {}): Task => ({
  id: 't',
  workspace_id: 'w',
  title: 'x',
  status: 'in_progress',
  priority: 5,
  required_capabilities: [],
  max_retries: 2,
  retry_count: 0,
  agent_id: 'a',
  result: null,
  error: null,
  version: 1,
  created_at: new Date(0),
  started_at: null,
  finished_at: null,
  updated_at: new Date(0),
  ...over,
});

describe('a task', () => {
  it.each(TASK_STATUSES.flatMap((from) => TASK_ACTIONS.map((action) => [from, action] as const)))('that is %s: %s', (from, action) => {
    expect(isLegal(action, from)).toBe(LEGAL.has(`${from} ${action}`));
  });

  it('goes only where the table lets it', () => {
    const moves = TASK_STATUSES.flatMap((from) =>
      TASK_ACTIONS.filter((action) => isLegal(action, from)).map((action) => [from, targetOf(action)] as const),
    );
    expect(moves.filter(([from, to]) => !TASK_TRANSITIONS[from].includes(to))).toEqual([]);
  });

  it('has no way on from an end', () => {
    expect(TASK_STATUSES.filter((status) => TASK_TRANSITIONS[status].length === 0)).toEqual(['completed', 'failed', 'cancelled']);
  });

  it('is tried again, by anybody, while retries are left', () => {
    const failed = nextOf(task({ retry_count: 1 }), { action: 'fail', reason: 'late', retry: true }, RETRIES_LEFT);
    expect(failed).toMatchObject({ status: 'pending', agent_id: null, error: 'late', retry_count: 2 });
  });

  it.each([
    [{ retry_count: 2 }, true],
    [{ retry_count: 0 }, false],
    [{ max_retries: 0 }, true],
  ])('has failed with %o and retry %s', (over, retry) => {
    const failed = nextOf(task(over), { action: 'fail', reason: 'late', retry }, RETRIES_LEFT);
    expect(failed).toMatchObject({ status: 'failed', agent_id: 'a', error: 'late', retry_count: task(over).retry_count });
  });

  it('keeps its result, and forgets the error of an earlier try', () => {
    expect(nextOf(task({ error: 'late' }), { action: 'complete', result: { n: 1 } }, RETRIES_LEFT)).toMatchObject({
      status: 'completed',
      result: { n: 1 },
      error: null,
    });
  });
});
