import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { check, constantRate, createPostgresWitness, NotMeasured, runLoad, type LoadResult, type SuiteRun } from '../../harness/index.ts';
import { rateFault } from '../support/limits.ts';

const ID = 'benchmark.stream.throughput';
/** Above the rate that must be reached: who gets no more than that cannot show it. */
const ADDED_SHARE = 1.4;
const DEFAULT_PASS_PER_SECOND = 100;
/** More would load the database with the counting of it. */
const MAX_PER_SECOND = 500;
const AGENTS = 4;
const WARMUP_MS = 500;
const WINDOW_MS = 250;
const LOOK_EVERY_MS = 50;
const SETTLE_MS = 1_000;

/** Looks at the database until told to stop: how many messages had had their effect by when. */
async function countProcessed(
  run: SuiteRun,
  agents: readonly string[],
  stop: AbortSignal,
): Promise<readonly (readonly [atMs: number, count: number])[]> {
  const { processed } = run.target.requireBinding('stream');
  await using witness = createPostgresWitness({ url: await run.adminUrl('postgres'), timeoutMs: 5_000 });
  const counts: (readonly [number, number])[] = [];
  while (!stop.aborted && !run.signal.aborted) {
    const reads = await Promise.all(agents.map((agent) => witness.values(processed, agent)));
    const failed = reads.find((read) => !read.ok);
    if (failed?.ok === false) throw new NotMeasured(`the database could not be asked what was processed: ${failed.problem}`);
    counts.push([run.now(), reads.reduce((sum, read) => sum + (read.ok ? read.values.length : 0), 0)]);
    await delay(LOOK_EVERY_MS);
  }
  return counts;
}

/** Effects per second in each window between two times, from counts in between. */
function ratesOf(counts: readonly (readonly [atMs: number, count: number])[], fromMs: number, untilMs: number): readonly number[] {
  const countAt = (ms: number): number => counts.findLast(([atMs]) => atMs <= ms)?.[1] ?? 0;
  const windows = Math.max(0, Math.floor((untilMs - fromMs) / WINDOW_MS));
  return Array.from({ length: windows }, (_, index) => {
    const startMs = fromMs + index * WINDOW_MS;
    return ((countAt(startMs + WINDOW_MS) - countAt(startMs)) * 1000) / WINDOW_MS;
  });
}

/** @throws NotMeasured when more must be reached than is ever added here. */
function addedPerSecond(run: SuiteRun): number {
  const pass = run.criteria.find(({ id }) => id === ID)?.pass?.value ?? DEFAULT_PASS_PER_SECOND;
  if (ADDED_SHARE * pass <= MAX_PER_SECOND) return ADDED_SHARE * pass;
  throw new NotMeasured(`at most ${MAX_PER_SECOND} messages are added per second here, which cannot show ${pass}`);
}

/** Adds messages for the agents in turn, and gives the last of them a moment to have their effect. */
async function addMessages(
  run: SuiteRun,
  agents: readonly string[],
  rate: { readonly perSecond: number; readonly durationMs: number },
): Promise<LoadResult> {
  const workspace = run.workspace();
  const result = await runLoad({
    schedule: constantRate(rate),
    action: async ({ index }, signal) => {
      const agent = agents[index % agents.length] ?? '';
      return { outcome: (await run.target.stream.add({ agent, value: randomUUID(), workspace }, { signal })).outcome };
    },
    warmupMs: WARMUP_MS,
    maxInFlight: 512,
    timeoutMs: 5_000,
    drainMs: 5_000,
    signal: run.signal,
  });
  await delay(run.sized({ quick: 100, full: SETTLE_MS }));
  return result;
}

/** Declares the check of the stream under a load of its own. */
export function streamChecks(): void {
  check(ID, async (run) => {
    run.target.requireBinding('stream');
    const perSecond = addedPerSecond(run);
    const agents = Array.from({ length: AGENTS }, () => randomUUID());
    const durationMs = WARMUP_MS + run.sized({ quick: 2_500, full: 10_000 });
    const stop = new AbortController();
    const counting = countProcessed(run, agents, stop.signal);
    const startMs = run.now();
    const endMs = startMs + durationMs;
    const adding = addMessages(run, agents, { perSecond, durationMs }).finally(() => stop.abort());
    const [result, counts] = await Promise.all([adding, counting]);
    const effects = counts.at(-1)?.[1] ?? 0;
    const rates = ratesOf(counts, startMs + WARMUP_MS, endMs);
    return {
      observation: { kind: 'rate', unit: 'rps', windows: rates },
      harnessFault: rateFault(run, result, { id: ID, value: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length) }),
      window: { startMs: startMs + WARMUP_MS, endMs },
      witnesses: [
        {
          source: 'responses',
          saw: `${result.byOutcome.ok} of ${result.scheduled} messages acknowledged, ${perSecond.toFixed(0)} offered per second`,
        },
        { source: 'database', saw: `${effects} messages had had their effect ${Math.round(run.now() - endMs)} ms after the last was due` },
      ],
    };
  });
}
