import { describe, expect, it } from 'vitest';
import { repeat } from '../../shared/repeat.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { planInOrder, type PlannedTask } from './plan.ts';
import type { ClaimedTask, Outcome, WorkQueue } from './queue.ts';
import { MAX_ATTEMPTS, startWorkflowRunner, type WorkflowRunner } from './runner.ts';
import { STEP_STATUSES, WORKFLOW_STATUSES, WORKFLOW_TRANSITIONS, endOf } from './states.ts';
import { createWork, outputOf, type Work } from './work.ts';

const task = (id: string, ...dependencies: string[]): PlannedTask => ({
  id,
  name: id,
  capability: 'answer',
  depends_on: dependencies,
  work_ms: 0,
});
const idsOf = (tasks: readonly PlannedTask[]) => tasks.map(({ id }) => id);

describe('a plan', () => {
  it('puts each task after those it depends on', () => {
    expect(idsOf(planInOrder([task('c', 'a', 'b'), task('b', 'a'), task('a'), task('d')]))).toEqual(['a', 'b', 'c', 'd']);
  });
  it.each([
    ['a repeated id', [task('a'), task('a')], '"a" is the id of two tasks'],
    ['an unknown dependency', [task('a', 'z')], 'no task has the id "z"'],
    ['a task that waits for itself', [task('a', 'a')], 'a -> a'],
    ['a cycle', [task('x'), task('a', 'x', 'c'), task('b', 'a'), task('c', 'b')], 'a -> c -> b -> a'],
  ])('is refused for %s', (_, tasks, told) => {
    const plan = (): unknown => planInOrder(tasks);
    expect(plan).toThrow(ServiceError);
    expect(plan).toThrow(told);
  });
  it('of the longest chain is made', () => {
    const chain = Array.from({ length: 50 }, (_, index) => task(`t${index}`, ...(index === 0 ? [] : [`t${index - 1}`])));
    expect(planInOrder(chain.toReversed())).toEqual(chain);
  });
});

describe('states of a workflow', () => {
  const LEGAL = new Set(
    [
      ['created', 'ready', 'cancelled'],
      ['ready', 'running', 'cancelled'],
      ['running', 'completed', 'failed', 'paused', 'cancelled'],
      ['paused', 'running', 'cancelled'],
    ].flatMap(([from, ...to]) => to.map((status) => `${from} ${status}`)),
  );
  it.each(WORKFLOW_STATUSES.flatMap((from) => WORKFLOW_STATUSES.map((to) => [from, to] as const)))('%s to %s', (from, to) => {
    expect(WORKFLOW_TRANSITIONS[from].includes(to)).toBe(LEGAL.has(`${from} ${to}`));
  });
  it('follow from those of the tasks', () => {
    expect(endOf(['completed', 'completed'])).toBe('completed');
    expect(endOf(['completed', 'failed', 'pending'])).toBe('failed');
    for (const status of STEP_STATUSES.filter((other) => other !== 'completed' && other !== 'failed'))
      expect(endOf(['completed', status])).toBe(null);
  });
});

const claimed = (over: Partial<ClaimedTask> = {}): ClaimedTask => ({
  workflow_id: 'wf',
  workspace_id: 'w',
  strategy: 'parallel',
  id: 'a',
  name: 'a',
  capability: 'answer',
  depends_on: [],
  work_ms: 0,
  attempts: 1,
  ...over,
});

interface Bench {
  readonly finished: Map<string, Outcome>;
  readonly released: string[];
  readonly taken: Set<ClaimedTask>;
  readonly errors: unknown[];
  readonly runner: WorkflowRunner;
}

/** A runner on a queue in memory. */
function bench(tasks: readonly ClaimedTask[], work: Work): Bench {
  const waiting = [...tasks];
  const finished = new Map<string, Outcome>();
  const released: string[] = [];
  const taken = new Set<ClaimedTask>();
  const errors: unknown[] = [];
  const queue: WorkQueue = {
    claim: async () => waiting.shift() ?? null,
    startNext: async () => false,
    received: async () => ({ before: 'made' }),
    isKnown: async () => true,
    finish: async (done, outcome) => void finished.set(done.id, outcome),
    release: async ({ id }) => void released.push(id),
    held: async (flying) => flying.filter((flight) => !taken.has(flight)),
  };
  const runner = startWorkflowRunner({ queue, work, committed: () => undefined, onError: (error) => errors.push(error), every: repeat });
  return { finished, released, taken, errors, runner };
}

const completed: Outcome = { status: 'completed', result: { output: 'x', received: {}, worked_ms: 0 } };
const untilAborted: Work = (_task, _received, signal) =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }));

describe('the runner', () => {
  it('works off what there is, no more than eight at once', async () => {
    const running = { now: 0, most: 0 };
    const { finished, runner } = bench(
      Array.from({ length: 20 }, (_, index) => claimed({ id: `t${index}` })),
      async () => {
        running.now++;
        running.most = Math.max(running.most, running.now);
        await new Promise(setImmediate);
        running.now--;
        return completed;
      },
    );
    await expect.poll(() => finished.size).toBe(20);
    await runner.stop();
    expect(running.most).toBe(8);
  });

  it('hands over what the tasks before made, in a pipeline only', async () => {
    const received = new Map<string, unknown>();
    const { finished, runner } = bench([claimed({ id: 'p', strategy: 'pipeline' }), claimed({ id: 'q' })], async ({ id }, handed) => {
      received.set(id, handed);
      return completed;
    });
    await expect.poll(() => finished.size).toBe(2);
    await runner.stop();
    expect(Object.fromEntries(received)).toEqual({ p: { before: 'made' }, q: {} });
  });

  it('gives back what it has not finished when it stops', async () => {
    const started: string[] = [];
    const { finished, released, errors, runner } = bench([claimed({ id: 'a' })], (given, received, signal) => {
      started.push(given.id);
      return untilAborted(given, received, signal);
    });
    await expect.poll(() => started).toEqual(['a']);
    await runner.stop();
    expect({ finished: [...finished], released, errors }).toEqual({ finished: [], released: ['a'], errors: [] });
  });

  it('stops the work on a task that was taken away, and leaves the task alone', async () => {
    const cancelled = claimed();
    const aborted: string[] = [];
    const { finished, released, taken, runner } = bench([cancelled], (given, received, signal) => {
      signal.addEventListener('abort', () => aborted.push(given.id));
      return untilAborted(given, received, signal);
    });
    taken.add(cancelled);
    runner.wake();
    await expect.poll(() => aborted).toEqual(['a']);
    await runner.stop();
    expect([finished.size, released]).toEqual([0, []]);
  });

  it('fails a task that takes its runners down', async () => {
    const { finished, runner } = bench([claimed({ attempts: MAX_ATTEMPTS + 1 })], () => Promise.reject(new Error('must not be run')));
    await expect.poll(() => finished.get('a')?.status).toBe('failed');
    await runner.stop();
  });

  it('reports a failure of the queue and goes on', async () => {
    const { errors, finished, runner } = bench([claimed({ id: 'a' }), claimed({ id: 'b' })], ({ id }) =>
      id === 'a' ? Promise.reject(new Error('gone')) : Promise.resolve(completed),
    );
    await expect.poll(() => finished.size).toBe(1);
    await runner.stop();
    expect(errors).toHaveLength(1);
  });
});

describe('the work', () => {
  const never = new AbortController().signal;
  it('fails when no kind of agent has the capability', async () => {
    const outcome = await createWork(async () => false)(claimed({ capability: 'fly' }), {}, never);
    expect(outcome).toEqual({ status: 'failed', error: 'no kind of agent has the capability "fly"' });
  });
  it('takes as long as the task says, and makes what follows from what it received', async () => {
    const outcome = await createWork(async () => true)(claimed({ work_ms: 20 }), { b: 'x' }, never);
    if (outcome.status !== 'completed') throw new Error(outcome.error);
    expect(outcome.result.worked_ms).toBeGreaterThan(18);
    expect(outcome.result.output).toBe(outputOf(claimed(), { b: 'x' }));
    expect(outputOf(claimed(), { b: 'x' })).not.toBe(outputOf(claimed(), { b: 'y' }));
  });
  it('ends at once when it is stopped', async () => {
    const stopped = new AbortController();
    const working = createWork(async () => true)(claimed({ work_ms: 10_000 }), {}, stopped.signal);
    stopped.abort();
    await expect(working).rejects.toThrow('aborted');
  });
});
