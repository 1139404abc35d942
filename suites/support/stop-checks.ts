import { check, NotMeasured, scenario, type Observed, type RecordSeries, type SuiteRun } from '../../harness/index.ts';
import { appendObservation } from './append-observation.ts';
import { widestBound } from './limits.ts';
import { PATIENCE_MS, RECOVERY_LIMIT_MS, steadySince, stopStory, type Sent, type StopStory } from './stop-story.ts';

type Told = StopStory & { readonly window: { readonly startMs: number; readonly endMs: number } };

/** What the story says about one claim. What did not happen while it was watched is worse than any bound: `limitMs` is the criterion's widest. */
type Telling = (story: Told, limitMs: number) => Pick<Observed, 'observation' | 'witnesses'>;

const CLAIMS = { lost_writes: lostWrites, no_hang: noHang, health_truthful: healthTruthful, time_to_steady: timeToSteady } satisfies Record<
  string,
  Telling
>;

/** Declares the checks about one store that is stopped under load and comes back; further claims can be added. */
export function stopChecks(store: 'postgres' | 'redis', further: Readonly<Record<string, Telling>> = {}): void {
  const story = scenario(async (run) => {
    const told = await stopStory(run, store);
    await publishOutcomes(run, store, told.sent);
    return told;
  });
  for (const [claim, telling] of Object.entries({ ...CLAIMS, ...further })) {
    check(
      `recovery.${store}_stop.${claim}`,
      async (run) => {
        const told = await story(run);
        const { observation, witnesses = [] } = telling(told, widestBound(run, `recovery.${store}_stop.${claim}`));
        return {
          observation,
          harnessFault: told.fault,
          window: told.window,
          witnesses: [...witnesses, { source: 'fault', saw: told.proof }],
        };
      },
      { limitMs: 100_000 },
    );
  }
}

function lostWrites({ appends, back }: Told): ReturnType<Telling> {
  return appendObservation(appends, back);
}

/** Requests that were under way or sent while the store was away: every one of them must be answered, well or badly, before its caller gives up. */
function noHang(story: Told): ReturnType<Telling> {
  const during = story.sent.filter(({ atMs, durationMs }) => atMs < story.healedAtMs && atMs + durationMs > story.injectedAtMs);
  const hung = during.filter(({ timedOut }) => timedOut);
  const examples = hung
    .slice(0, 5)
    .map(
      ({ kind, atMs }) =>
        `${kind} sent ${Math.round(atMs - story.injectedAtMs)} ms into the fault had no answer after ${PATIENCE_MS / 1_000} s`,
    );
  return {
    observation: { kind: 'count', trials: during.length, count: hung.length, examples },
    witnesses: [{ source: 'responses', saw: outcomesOf(during) }],
  };
}

function healthTruthful({ healthNoticedMs, healthWellBefore, healedAtMs, injectedAtMs }: Told, limitMs: number): ReturnType<Telling> {
  if (!healthWellBefore) throw new NotMeasured('health did not say that all is well before the fault');
  const heldMs = healedAtMs - injectedAtMs;
  const saw =
    healthNoticedMs === null
      ? `stayed well for the ${Math.round(heldMs)} ms of the fault`
      : `not well after ${Math.round(healthNoticedMs)} ms`;
  return {
    observation: { kind: 'level', unit: 'ms', samples: [healthNoticedMs ?? Math.max(heldMs, limitMs + 1)], worst: 'max' },
    witnesses: [{ source: 'health', saw }],
  };
}

function timeToSteady({ sent, healedAtMs, watchedUntilMs, streak }: Told, limitMs: number): ReturnType<Telling> {
  const steadyAt = steadySince(sent, healedAtMs, streak);
  const never = Math.max(watchedUntilMs - healedAtMs, RECOVERY_LIMIT_MS, limitMs + 1);
  const ms = steadyAt === null ? never : Math.max(0, steadyAt - healedAtMs);
  const saw = steadyAt === null ? 'never as before again while it was watched' : `as before ${Math.round(ms)} ms after it was back`;
  return { observation: { kind: 'level', unit: 'ms', samples: [ms], worst: 'max' }, witnesses: [{ source: 'responses', saw }] };
}

/** Of the requests that do not need the store itself, the share that is still answered while it is away. */
export function keepsWorking(story: Told): ReturnType<Telling> {
  const during = sentDuring(story).filter(({ kind }) => kind === 'execute');
  const successes = during.filter(({ outcome }) => outcome === 'ok' || outcome === 'degraded').length;
  return {
    observation: { kind: 'ratio', successes, trials: during.length },
    witnesses: [{ source: 'responses', saw: outcomesOf(during) }],
  };
}

function sentDuring({ sent, injectedAtMs, healedAtMs }: Told): readonly Sent[] {
  return sent.filter(({ atMs }) => atMs >= injectedAtMs && atMs < healedAtMs);
}

function outcomesOf(sent: readonly Sent[]): string {
  const counts = new Map<string, number>();
  for (const { kind, outcome } of sent) counts.set(`${kind} ${outcome}`, (counts.get(`${kind} ${outcome}`) ?? 0) + 1);
  return [...counts].map(([what, count]) => `${count} × ${what}`).join(', ') || 'no request';
}

/** Failed and answered requests per half second, for the plot with the shaded fault. */
async function publishOutcomes(run: SuiteRun, store: string, sent: readonly Sent[]): Promise<void> {
  const bins = new Map<number, { good: number; bad: number }>();
  for (const { atMs, outcome } of sent) {
    const bin = Math.floor(atMs / 500) * 500;
    const counts = bins.get(bin) ?? { good: 0, bad: 0 };
    counts[outcome === 'ok' || outcome === 'degraded' ? 'good' : 'bad'] += 1;
    bins.set(bin, counts);
  }
  const ordered = [...bins].toSorted(([a], [b]) => a - b);
  const line = (name: 'good' | 'bad', label: string): RecordSeries => ({
    id: `recovery.${store}_stop.${name}`,
    suite: 'recovery',
    label: `${store} stopped: ${label}`,
    unit: 'rps',
    points: ordered.map(([atMs, counts]) => [atMs + 250, counts[name] * 2] as const),
  });
  await run.publish.series(line('good', 'answered'));
  await run.publish.series(line('bad', 'failed'));
}
