import type { repeat } from '../../shared/repeat.ts';
import type { ClaimedTask, WorkQueue } from './queue.ts';
import type { Work } from './work.ts';

export interface RunnerDeps {
  readonly queue: WorkQueue;
  readonly work: Work;
  /** Called after each commit that wrote an event. */
  readonly committed: () => void;
  readonly onError: (error: unknown) => void;
  /** What repeats the rounds. */
  readonly every: typeof repeat;
}

export interface WorkflowRunner {
  readonly wake: () => void;
  /** Gives back what it has not finished. */
  stop(): Promise<void>;
}

const SLOTS = 8;
const POLL_MS = 500;
/** A task that so many runners began and none finished takes its runners down. */
export const MAX_ATTEMPTS = 10;
const STOPPING = 'the runner stops';
const TAKEN_AWAY = 'the task was cancelled or belongs to another runner';

interface Flight {
  readonly task: ClaimedTask;
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/**
 * Works off workflows, a few tasks at a time. What a runner that died left behind is taken up again when its claim runs out.
 * While a task works, no transaction is open and no connection is held.
 */
export function startWorkflowRunner(deps: RunnerDeps): WorkflowRunner {
  const flights = new Set<Flight>();
  const begin = (task: ClaimedTask): void => {
    const abort = new AbortController();
    const ended = (): void => {
      flights.delete(flight);
      repeater.wake();
    };
    const done = runTask(deps, task, abort.signal).catch(deps.onError).finally(ended);
    const flight: Flight = { task, abort, done };
    flights.add(flight);
  };
  const round = async (stopped: AbortSignal): Promise<void> => {
    await abortTakenAway(deps.queue, [...flights]);
    while (!stopped.aborted && flights.size < SLOTS) {
      const task = await deps.queue.claim();
      if (task !== null) begin(task);
      else if (!(await deps.queue.startNext())) return;
    }
  };
  const repeater = deps.every(round, POLL_MS, deps.onError);
  return {
    wake: repeater.wake,
    stop: async () => {
      await repeater.stop();
      for (const { abort } of flights) abort.abort(STOPPING);
      await Promise.all([...flights].map(({ done }) => done));
    },
  };
}

/** Stops the work on tasks that were cancelled, here or through another process. */
async function abortTakenAway(queue: WorkQueue, flights: readonly Flight[]): Promise<void> {
  if (flights.length === 0) return;
  const held = new Set(await queue.held(flights.map(({ task }) => task)));
  for (const { task, abort } of flights) if (!held.has(task)) abort.abort(TAKEN_AWAY);
}

/** Exported for tests: one claimed task to its outcome. */
export async function runTask({ queue, work, committed }: RunnerDeps, task: ClaimedTask, signal: AbortSignal): Promise<void> {
  try {
    const received = task.strategy === 'pipeline' ? await queue.received(task) : {};
    const outcome =
      task.attempts > MAX_ATTEMPTS
        ? { status: 'failed' as const, error: `begun ${MAX_ATTEMPTS} times and never finished` }
        : await work(task, received, signal);
    await queue.finish(task, outcome);
    committed();
  } catch (error) {
    if (!signal.aborted) throw error;
    if (signal.reason === STOPPING) await queue.release(task);
  }
}
