import {
  achievedRate,
  check,
  distribution,
  generatorFault,
  latencyQuantile,
  lostShare,
  NotMeasured,
  RESPONSE_CLASSES,
  scenario,
  series,
  STAGES,
  successRatio,
  type LoadResult,
  type Observed,
  type SuiteRun,
  type Witness,
} from '../../harness/index.ts';
import { latencyFault, marksFor, rateFault, requireOfferedAbove } from '../support/limits.ts';
import { mixOf } from '../support/mix.ts';
import { openBooks } from './books.ts';
import { loadBeside, requireBoundWithin } from './companions.ts';
import { steadyPlan, WARMUP_MS } from './plans.ts';
import { connectionsFinding, cpuFinding, memoryFinding, redisFinding, resourceSeries, seenBetween, watchResources } from './resources.ts';
import { warmUp } from './warm-up.ts';

const SHOWN = { id: 'benchmark.steady', suite: 'benchmark', label: 'the declared load at the declared rate' };
const LIMIT = { limitMs: 150_000 };

/**
 * The declared rate, open loop: arrivals do not wait for answers, latency counts from when each was due. Beside it somebody asks now and
 * then for every class of response, reads what executions say of their stages and sends a message; and the resources are watched.
 */
const steady = scenario(async (run) => {
  await warmUp(run);
  const durationMs = WARMUP_MS + run.sized({ quick: 13_500, full: 45_000 });
  await using books = await openBooks(run);
  const { classes, stages, stream, companions } = books;
  await using watching = await watchResources(run);
  const plan = steadyPlan(run, { ...SHOWN, durationMs, mix: mixOf(run) });
  const { result, aside, loadedMs } = await loadBeside(run, { plan, durationMs }, companions);
  const resources = seenBetween(await watching.stop(), loadedMs);
  const marks = marksFor(run, ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.latency_p99']);
  await run.publish.distribution(distribution(result, SHOWN, marks));
  const lines = [...series(result, SHOWN, run.startMonotonicMs), ...resourceSeries(run, resources, 'benchmark.target')];
  for (const line of lines) await run.publish.series(line);
  return { result, loadedMs, classes, stages, stream, resources, asideFault: aside === null ? null : generatorFault(aside) };
});

/** Of a load of which a part was lost nothing is said. */
function whole(result: LoadResult): LoadResult {
  const lost = lostShare(result);
  if (lost !== null) throw new NotMeasured(lost.reason);
  return result;
}

function latency(id: string, q: number): void {
  check(
    id,
    async (run) => {
      const { result, window } = await steady(run);
      return {
        observation: latencyQuantile(whole(result), q),
        harnessFault: latencyFault(run, result, { id, q }),
        window,
        witnesses: witnesses(result),
      };
    },
    LIMIT,
  );
}

type Steady = Awaited<ReturnType<typeof steady>>;

/** A check that looks at what else was seen while the load ran; `aside` when it rests on the turns beside it. */
function seen(id: string, look: (run: SuiteRun, steadily: Steady) => Omit<Observed, 'window' | 'harnessFault'>, aside = false): void {
  check(
    id,
    async (run) => {
      if (aside) requireBoundWithin(run, id);
      const steadily = await steady(run);
      whole(steadily.result);
      return {
        ...look(run, steadily),
        window: steadily.window,
        harnessFault: aside ? steadily.asideFault : generatorFault(steadily.result),
      };
    },
    LIMIT,
  );
}

/** What the generator itself says about the run. */
function witnesses(result: LoadResult): readonly Witness[] {
  const outcomes = Object.entries(result.byOutcome).flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []));
  const lateness = result.latenessMs === null ? 'unknown' : `${result.latenessMs.p99.toFixed(1)} ms`;
  return [
    {
      source: 'responses',
      saw: `${result.scheduled} scheduled, ${result.dropped} dropped, ${result.unfinished} unfinished; ${outcomes.join(', ')}`,
    },
    { source: 'load generator', saw: `send lateness p99 ${lateness}, event loop ${(result.elu * 100).toFixed(0)} % busy` },
  ];
}

function ofTheLoad(): void {
  check(
    'benchmark.success',
    async (run) => {
      const { result, window } = await steady(run);
      const value = whole(result).byOutcome.ok / result.scheduled;
      const harnessFault = rateFault(run, result, { id: 'benchmark.success', value });
      return { observation: successRatio(result), harnessFault, window, witnesses: witnesses(result) };
    },
    LIMIT,
  );
  check(
    'benchmark.throughput',
    async (run) => {
      requireOfferedAbove(run, 'benchmark.throughput');
      const { result, window } = await steady(run);
      const harnessFault = rateFault(run, whole(result), { id: 'benchmark.throughput', value: result.achievedPerSecond });
      return { observation: achievedRate(result), harnessFault, window, witnesses: witnesses(result) };
    },
    LIMIT,
  );
  latency('benchmark.latency_p50', 0.5);
  latency('benchmark.latency_p95', 0.95);
  latency('benchmark.latency_p99', 0.99);
}

function besideTheLoad(): void {
  for (const name of RESPONSE_CLASSES) seen(`benchmark.class.${name}`, (_, { classes, loadedMs }) => classes.observe(name, loadedMs), true);
  for (const name of STAGES) seen(`benchmark.stage.${name}`, (_, { stages, loadedMs }) => stages.observe(name, loadedMs), true);
  seen(
    'benchmark.stream.latency_p95',
    (_, { stream, loadedMs }) => {
      if (stream === null) throw new NotMeasured('there is no way into the database that holds the effects');
      return stream.observe(loadedMs);
    },
    true,
  );
  seen('benchmark.resources.cpu', (_, { resources }) => cpuFinding(resources));
  seen('benchmark.resources.memory', (_, { resources }) => memoryFinding(resources));
  seen('benchmark.resources.connections', (run, { resources }) => connectionsFinding(run, resources));
  seen('benchmark.resources.redis_memory', (_, { resources }) => redisFinding(resources));
}

/** Declares the checks that look at the steady load from different sides. */
export function steadyChecks(): void {
  ofTheLoad();
  besideTheLoad();
}
