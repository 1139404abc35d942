import {
  type LoadClock,
  type LoadPlan,
  type PreciseClock,
  runShard,
  type Shard,
  type ShardReport,
  startPreciseClock,
} from '../load/index.ts';
import { monotonicMs } from '../model/clock.ts';
import { Calibrator } from './calibrator.ts';
import { openFilesLimit, requireFileHandles } from './file-limit.ts';
import { notingFirstSend } from './first-send.ts';
import type { LoadTask, PreparedTask, TaskHooks, TaskRunner } from './load-task.ts';
import { Workplace } from './workplace.ts';

/** All sessions together; what is not open by then is opened by its arrivals. */
const OPEN_WITHIN_MS = 30_000;
const PROGRESS_EVERY_MS = 500;

/** Dispose of it: it keeps connections open between loads. */
export function createTaskRunner(): TaskRunner {
  return new Runner();
}

/** Does one share of a load in this process. Rejects for our own defects and for what the target does not bind only. */
export async function runTask(task: LoadTask, hooks: TaskHooks = {}): Promise<ShardReport> {
  await using runner = createTaskRunner();
  const prepared = await runner.prepare(task, hooks);
  return await prepared.run();
}

class Runner implements TaskRunner {
  readonly #calibrator = new Calibrator();
  #clock: PreciseClock | null = null;
  #kept: { readonly key: string; readonly place: Workplace } | null = null;

  async prepare(task: LoadTask, hooks: TaskHooks = {}): Promise<PreparedTask> {
    const { plan, shard, calibrate = plan.calibrate ?? true } = task;
    requireFileHandles(plan, shard, await openFilesLimit());
    const agents = agentsOf(plan, shard);
    const place = await this.#placeFor(task);
    place.begin(plan);
    await openAll(place, agents, hooks);
    const clock = (this.#clock ??= await startPreciseClock());
    const by = { clock, ...(hooks.signal && { signal: hooks.signal }) };
    const before = calibrate ? await this.#calibrator.before(plan, shard, by) : null;
    return {
      run: async (startAtMs = task.startAtMs) => {
        const report = await runShard(shardOf({ task, hooks, place, clock, startAtMs }));
        if (before === null || hooks.signal?.aborted === true) return report;
        return { ...report, calibration: { before, after: await this.#calibrator.measure(plan, shard, by) } };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const kept = this.#kept;
    this.#kept = null;
    await Promise.all([kept?.place[Symbol.asyncDispose](), this.#calibrator[Symbol.asyncDispose](), this.#clock?.[Symbol.asyncDispose]()]);
    this.#clock = null;
  }

  async #placeFor(task: LoadTask): Promise<Workplace> {
    const key = Workplace.keyOf(task);
    if (this.#kept?.key === key) return this.#kept.place;
    const old = this.#kept;
    this.#kept = null;
    await old?.place[Symbol.asyncDispose]();
    const place = new Workplace(task);
    this.#kept = { key, place };
    return place;
  }
}

/** The agents whose arrivals a shard owns, in order. */
export function agentsOf({ agents }: LoadPlan, { index, of }: Shard): readonly number[] {
  const own = new Set<number>();
  for (let arrival = index; own.size < agents && !own.has(arrival % agents); arrival += of) own.add(arrival % agents);
  return [...own].toSorted((a, b) => a - b);
}

async function openAll(place: Workplace, agents: readonly number[], { signal, onOpening }: TaskHooks): Promise<void> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), OPEN_WITHIN_MS);
  const progress = onOpening && setInterval(() => onOpening({ ...place.opening }), PROGRESS_EVERY_MS);
  try {
    await place.open(agents, signal === undefined ? limit.signal : AbortSignal.any([limit.signal, signal]));
  } finally {
    clearTimeout(timer);
    clearInterval(progress);
  }
  onOpening?.({ ...place.opening });
}

interface Share {
  readonly task: LoadTask;
  readonly hooks: TaskHooks;
  readonly place: Workplace;
  readonly clock: LoadClock;
  readonly startAtMs: number | undefined;
}

function shardOf({ task, hooks, place, clock, startAtMs = monotonicMs() }: Share): Parameters<typeof runShard>[0] {
  const { plan, shard } = task;
  const { signal, onWindow, onSnapshot, onFirstSend } = hooks;
  const { operations } = place;
  return {
    plan,
    shard,
    operations: onFirstSend === undefined ? operations : notingFirstSend(operations, startAtMs, onFirstSend),
    startAtMs,
    clock,
    ...(signal && { signal }),
    ...(onWindow && { onWindow }),
    ...(onSnapshot && { onSnapshot }),
  };
}
