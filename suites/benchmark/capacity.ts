import {
  check,
  lostShare,
  NotMeasured,
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
import { mixOf } from '../support/mix.ts';

const ID = 'benchmark.capacity';
const LIMIT = { limitMs: 120_000 };
/** No target of ours needs more, and the load must have an end. */
const MAX_PER_SECOND = 5_000;
const DEFAULT_LIMIT_MS = 250;

/** What one rate showed, when it was over. */
interface Step {
  readonly atMs: number;
  readonly requestedPerSecond: number;
  readonly goodputPerSecond: number;
  readonly p95Ms: number | null;
}

/** Up to the breaking point, beyond it, and back. */
const searched = scenario(async (run) => {
  const { agents, ratePerSecond } = run.spec.workload;
  const limitMs = run.criteria.find(({ id }) => id === 'benchmark.latency_p95')?.pass?.value ?? DEFAULT_LIMIT_MS;
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
    maxPerSecond: Math.max(MAX_PER_SECOND, 2 * ratePerSecond),
  });
  const peak = await peakBeside(run);
  for (const line of linesOf(steps)) await run.publish.series(line);
  return { result, limitMs, peak };
});

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
  return { requestedPerSecond, goodputPerSecond: achievedPerSecond, p95Ms: sorted[Math.ceil(0.95 * sorted.length) - 1] ?? null };
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
    line('goodput', 'rps', ({ goodputPerSecond }) => goodputPerSecond),
    line('p95', 'ms', ({ p95Ms }) => p95Ms),
  ];
}

type Searched = Awaited<ReturnType<typeof searched>>;

function found(id: string, look: (found: Searched, run: SuiteRun) => Observation): void {
  check(
    id,
    async (run): Promise<Observed> => {
      const search = await searched(run);
      const { fault } = search.result;
      const observation = look(search, run);
      return { observation, harnessFault: fault, window: search.window, witnesses: witnesses(search) };
    },
    LIMIT,
  );
}

/** Whoever does so much of the 150 % was not beyond his capacity: it was found too low. */
const NO_OVERLOAD = 1.25;

/** What is beyond a capacity that was not found nobody knows. */
function beyond<K extends 'overload' | 'recovery'>({ result }: Searched, part: K): NonNullable<CapacityResult[K]> {
  const value = result[part];
  if (value === null && result.overloadFault !== null) throw new NotMeasured(result.overloadFault);
  if (value === null) throw new NotMeasured(`no capacity was found to go beyond: the search ended for ${REASONS[result.reason]}`);
  const { goodputShare } = result.overload ?? { goodputShare: 0 };
  if (goodputShare > NO_OVERLOAD)
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

/** Declares the checks of the breaking point. */
export function capacityChecks(): void {
  found(ID, ({ result: { capacity, reason } }) => {
    if (capacity === null && reason !== 'floor' && reason !== 'generator')
      throw new NotMeasured(`no rate was sustained for ${REASONS[reason]}`);
    return { kind: 'level', unit: 'rps', worst: 'min', samples: [capacity?.perSecond ?? 0] };
  });
  found('benchmark.overload.goodput', (search) => ({
    kind: 'level',
    unit: '%',
    worst: 'min',
    samples: [beyond(search, 'overload').goodputShare],
  }));
  found('benchmark.overload.definite', (search) => {
    const { outcomes } = beyond(search, 'overload');
    const trials = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
    return { kind: 'ratio', successes: trials - outcomes.unknown - outcomes.wrong, trials };
  });
  // What was not back when the watching ended took at least so long.
  found('benchmark.overload.recovery', (search) => {
    const { recoveredMs, observedMs } = beyond(search, 'recovery');
    return { kind: 'level', unit: 'ms', worst: 'max', samples: [recoveredMs ?? observedMs] };
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
            source: 'at 150 %',
            saw: `${overload.goodputPerSecond.toFixed(0)} of ${overload.perSecond.toFixed(0)} per second done; ${outcomesOf(overload.outcomes)}`,
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
