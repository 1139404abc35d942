import {
  check,
  lostShare,
  NotMeasured,
  OVERLOAD,
  scenario,
  searchCapacity,
  type CapacityResult,
  type LoadPlan,
  type LoadResult,
  type Observation,
  type Observed,
  type RecordSeries,
  type SuiteRun,
  type Witness,
} from '../../harness/index.ts';
import { widestBound } from '../support/limits.ts';
import { mixOf } from '../support/mix.ts';
import { warmUp } from './warm-up.ts';

const ID = 'benchmark.capacity';
const RECOVERY = 'benchmark.overload.recovery';
const LIMIT = { limitMs: 180_000 };
/** No target of ours needs more, and the load must have an end. */
const MAX_PER_SECOND = 5_000;
const DEFAULT_LIMIT_MS = 250;
/** For the search alone: the recovery is watched beside it. */
const SEARCH_MS = 40_000;
const LONGEST_WATCH_MS = 60_000;
/** A little longer than the farther bound: what is not back by then is beyond it. */
const WATCH = 1.05;

/** What one rate showed, when it was over. */
interface Step {
  readonly atMs: number;
  readonly requestedPerSecond: number;
  readonly answeredPerSecond: number;
  readonly p95Ms: number | null;
}

/** Up to the breaking point, beyond it, and back. */
const searched = scenario(async (run) => {
  await warmUp(run);
  const { agents, ratePerSecond } = run.spec.workload;
  const limitMs = passOf(run, 'benchmark.latency_p95') ?? DEFAULT_LIMIT_MS;
  const neededPerSecond = passOf(run, ID) ?? ratePerSecond;
  const watchMs = Math.min(LONGEST_WATCH_MS, WATCH * widestBound(run, RECOVERY));
  const steps: Step[] = [];
  const runStep = async (plan: LoadPlan): Promise<LoadResult> => {
    const result = await run.load({ ...plan, calibrate: false });
    const lost = lostShare(result);
    if (lost !== null) throw new NotMeasured(lost.reason);
    steps.push({ atMs: run.now(), ...figuresOf(result) });
    return result;
  };
  const result = await searchCapacity(runStep, {
    plan: {
      id: ID,
      suite: 'benchmark',
      label: 'search for the capacity',
      arrivals: 'even',
      seed: run.seed,
      agents,
      mix: mixOf(run),
      maxInFlight: 2_048,
    },
    limitMs,
    q: 0.95,
    startPerSecond: ratePerSecond,
    maxPerSecond: Math.max(MAX_PER_SECOND, 2 * ratePerSecond, 2 * neededPerSecond),
    neededPerSecond,
    watchMs,
    budgetMs: SEARCH_MS + watchMs,
  });
  const peak = await peakBeside(run);
  for (const line of linesOf(steps)) await run.publish.series(line);
  return { result, limitMs, neededPerSecond, peak };
});

/** The pass target in its base unit. */
function passOf(run: SuiteRun, id: string): number | null {
  return run.criteria.find((criterion) => criterion.id === id)?.pass?.value ?? null;
}

const CONNECTIONS = 32;
const PEAK_MS = 4_000;

/** The closed loop is shown beside the search and decides nothing, so what keeps it from running is told and no more. */
async function peakBeside(run: SuiteRun): Promise<Witness> {
  try {
    const { label, perSecond, latencyMs, connections, non2xx, errors, timeouts, lost, elu } = await run.peak({
      connections: CONNECTIONS,
      durationMs: PEAK_MS,
    });
    const failed = non2xx + errors + timeouts + lost;
    const busy = `generator ${(elu * 100).toFixed(0)} % busy`;
    return {
      source: label,
      saw: `${perSecond.toFixed(0)} per second for ${connections} clients that wait for each answer, p95 ${latencyMs?.p95.toFixed(1) ?? '-'} ms, ${failed} not answered with 2xx; always the same request; ${busy}`,
    };
  } catch (error) {
    return { source: 'closed loop', saw: `not measured: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function figuresOf({ requestedPerSecond, achievedPerSecond, windows }: LoadResult): Omit<Step, 'atMs'> {
  const sorted = windows.flatMap(({ latenciesMs }) => [...latenciesMs]).toSorted((a, b) => a - b);
  return { requestedPerSecond, answeredPerSecond: achievedPerSecond, p95Ms: sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null };
}

function linesOf(steps: readonly Step[]): readonly RecordSeries[] {
  const line = (name: string, unit: string, value: (step: Step) => number | null): RecordSeries => ({
    id: `${ID}.${name}`,
    suite: 'benchmark',
    label: `search for the capacity: ${name}`,
    unit,
    points: steps.flatMap((step): (readonly [number, number])[] => {
      const y = value(step);
      return y === null ? [] : [[step.atMs, y]];
    }),
  });
  return [
    line('rate', 'rps', ({ requestedPerSecond }) => requestedPerSecond),
    line('answered', 'rps', ({ answeredPerSecond }) => answeredPerSecond),
    line('p95', 'ms', ({ p95Ms }) => p95Ms),
  ];
}

type Searched = Awaited<ReturnType<typeof searched>>;

type Look = (search: Searched, run: SuiteRun) => Pick<Observed, 'observation' | 'harnessFault'>;

function found(id: string, look: Look): void {
  check(
    id,
    async (run): Promise<Observed> => {
      const search = await searched(run);
      return { ...look(search, run), window: search.window, witnesses: witnesses(search) };
    },
    LIMIT,
  );
}

/** Whoever does so much of the 150 % was not beyond his capacity: it was found too low. */
const NO_OVERLOAD = 1.25;

/** A rate that was no overload says something only when it is far beyond what is needed. */
function beyond<K extends 'overload' | 'recovery'>({ result, neededPerSecond }: Searched, part: K): NonNullable<CapacityResult[K]> {
  const { overload, overloadFault, fault, reason } = result;
  const value = result[part];
  if (value === null || overload === null)
    throw new NotMeasured(overloadFault ?? fault ?? `no capacity was found to go beyond: the search ended for ${REASONS[reason]}`);
  const { goodputShare, perSecond } = overload;
  if (goodputShare > NO_OVERLOAD && perSecond < OVERLOAD * neededPerSecond)
    throw new NotMeasured(
      `at 150 % of what was found ${Math.round(100 * goodputShare)} % of it was done: the capacity is higher, and this was no overload`,
    );
  return value;
}

const REASONS: Readonly<Record<CapacityResult['reason'], string>> = {
  narrow: 'the answer was exact enough',
  budget: 'lack of time',
  ceiling: 'the highest rate that is tried, which was sustained',
  floor: 'the lowest rate that is tried, which was not',
  generator: 'the load generator, which could not keep up',
};

/** What was sustained before the generator or the search came to its end is a lower bound: it can show that a target is reached, not that it is missed. */
function capacityFound({ result, neededPerSecond }: Searched): Pick<Observed, 'observation' | 'harnessFault'> {
  const { capacity, reason, fault } = result;
  const perSecond = capacity?.perSecond ?? 0;
  const isReached = perSecond > 0 && perSecond >= neededPerSecond;
  if (!isReached && fault === null && capacity?.high === null)
    throw new NotMeasured(
      `${perSecond.toFixed(0)} per second are sustained, and nothing beyond was tried: the search ended for ${REASONS[reason]}`,
    );
  if (capacity === null && reason !== 'floor' && fault === null) throw new NotMeasured(`no rate was sustained for ${REASONS[reason]}`);
  return { observation: level('rps', 'min', perSecond), harnessFault: isReached ? null : fault };
}

function level(unit: 'rps' | 'ms', worst: 'min' | 'max', value: number): Observation {
  return { kind: 'level', unit, worst, samples: [value] };
}

/** Declares the checks of the breaking point. */
export function capacityChecks(): void {
  found(ID, capacityFound);
  found('benchmark.overload.goodput', (search) => ({
    observation: { kind: 'level', unit: '%', worst: 'min', samples: [beyond(search, 'overload').goodputShare], ofTimes: true },
  }));
  // Who was never sent, or cut off at the end, got no answer either.
  found('benchmark.overload.definite', (search) => {
    const { trials, outcomes } = beyond(search, 'overload');
    const successes = outcomes.ok + outcomes.degraded + outcomes.shed + outcomes.rejected;
    // Where others had the processors, time-outs are not the target's: `late` has them looked at again. A wrong answer is wrong on any machine.
    return { observation: { kind: 'ratio', successes, trials, late: Math.max(0, trials - successes - outcomes.wrong) } };
  });
  found(RECOVERY, (search, run) => {
    const { recoveredMs, observedMs } = beyond(search, 'recovery');
    const boundMs = widestBound(run, RECOVERY);
    if (recoveredMs === null && observedMs < boundMs)
      throw new NotMeasured(
        `it had not recovered when it had been watched for ${observedMs.toFixed(0)} ms, which cannot show ${boundMs} ms`,
      );
    return { observation: level('ms', 'max', recoveredMs ?? observedMs) };
  });
}

function witnesses({ result, limitMs, peak }: Searched): readonly Witness[] {
  const { capacity, knee, overload, recovery, steps } = result;
  const tried = steps.map(({ verdict, figures }) => `${figures.perSecond.toFixed(0)}/s ${verdict}`).join(', ');
  return [
    { source: 'load generator', saw: `${steps.length} rates, p95 limit ${limitMs} ms: ${tried}; ended for ${REASONS[result.reason]}` },
    peak,
    ...(capacity === null
      ? []
      : [{ source: 'search', saw: `between ${capacity.low.toFixed(0)} and ${capacity.high?.toFixed(0) ?? 'more'} per second` }]),
    ...(knee === null
      ? []
      : [
          {
            source: 'knee',
            saw: `flat at ${knee.flatMs.toFixed(0)} ms up to ${knee.perSecond.toFixed(0)}/s, not at ${knee.leavesAtPerSecond.toFixed(0)}/s`,
          },
        ]),
    ...(overload === null
      ? []
      : [
          {
            source: overload.isBeyondCapacity ? 'at 150 %' : `no overload up to ${overload.perSecond.toFixed(0)}/s`,
            saw: `${overload.goodputPerSecond.toFixed(0)} of ${overload.perSecond.toFixed(0)} per second done in time; ${outcomesOf(overload.outcomes)}, ${overload.trials} due`,
          },
        ]),
    ...(recovery === null
      ? []
      : [
          {
            source: 'back at 70 %',
            saw:
              recovery.recoveredMs === null
                ? `not within its limit for the ${(recovery.observedMs / 1000).toFixed(1)} s it was watched`
                : `within its limit after ${recovery.recoveredMs.toFixed(0)} ms`,
          },
        ]),
  ];
}

function outcomesOf(outcomes: Readonly<Record<string, number>>): string {
  return Object.entries(outcomes)
    .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
    .join(', ');
}
