import { setTimeout as wait } from 'node:timers/promises';
import { latencyAt, type LoadPlan, type LoadResult, scheduleOf, WHOLE } from '../harness/load/index.ts';
import { quantileOf, sortedCopy } from '../harness/load/quantile.ts';
import { monotonicMs } from '../harness/model/clock.ts';
import { autocannonLatency } from './autocannon-latency.ts';
import { startServer, type ChildServer } from './child-server.ts';
import { planFor, runPlan, withHttp } from './http-load.ts';
import type { Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { judged } from './target.ts';

/** Where in a second after the end of a stall the load begins: what fires at each second sees another stall for each. */
const PHASES_MS = [0, 250, 500, 750, 900];
/** Two stalls, wherever it begins. */
const DURATION_MS = 10_000;
const PER_SECOND = 200;
const QUANTILES = [0.5, 0.95, 0.99];

interface Told {
  readonly stalls: readonly { readonly startMs: number; readonly endMs: number }[];
  readonly servedMs: readonly number[];
  readonly answeredMs: readonly number[];
}

interface Round {
  readonly errors: readonly number[];
  /** From due to when the server answered. */
  readonly truths: readonly number[];
  /** As computed from the stalls alone, as if the server caught up in no time. */
  readonly ideal: readonly number[];
  readonly autocannonP99: number;
}

/** A server that stands still for one second in five, with loads that begin at several phases of it. */
export async function stallFigures(): Promise<readonly Figure[]> {
  const rounds: Round[] = [];
  for (const phaseMs of PHASES_MS) rounds.push(await atPhase(phaseMs));
  const ours = QUANTILES.map((q, place) => {
    const errors = rounds.map((round) => round.errors[place] ?? Number.NaN);
    const at = (of: 'truths' | 'ideal') => (median(rounds.map((round) => round[of][place] ?? Number.NaN)) ?? Number.NaN).toFixed(1);
    const note = `server answered after ${at('truths')}, computed ${at('ideal')} ms; ${spread(errors)}`;
    const name = `stall p${q * 100} error, ${PHASES_MS.length} phases`;
    // The median of 2 ms is a matter of the server's timer; the stall shows in the tail.
    return q === 0.5 ? figure(name, median(errors), '%', note) : judged(name, farthest(errors), '%', { atLeast: -1.5, atMost: 1.5, note });
  });
  const theirs = rounds.map(({ autocannonP99, truths }) => (autocannonP99 / (truths[2] ?? Number.NaN) - 1) * 100);
  return [...ours, figure('stall p99 error of autocannon', median(theirs), '%', spread(theirs))];
}

async function atPhase(phaseMs: number): Promise<Round> {
  await using server = await startServer('stall-server.js');
  await untilStalled(server, phaseMs);
  const plan = planFor({ kind: 'constant', perSecond: PER_SECOND, durationMs: DURATION_MS });
  const result = await withHttp(server.origin, (operation) => runPlan(plan, operation));
  const told = (await server.ask()) as Told;
  const duesMs = duesOf(result, plan);
  const quantiles = (values: readonly number[]) => QUANTILES.map((q) => quantileOf(sortedCopy(values), q) ?? Number.NaN);
  const truths = quantiles(seenFrom(duesMs, told));
  const ideal = quantiles(duesMs.map((dueMs) => idealOf(dueMs, told)));
  const errors = QUANTILES.map((q, place) => ((latencyAt(result, q) ?? Number.NaN) / (truths[place] ?? Number.NaN) - 1) * 100);
  await untilStalled(server, phaseMs);
  const { p99 } = await autocannonLatency(server.origin, DURATION_MS / 1000, PER_SECOND);
  return { errors, truths, ideal, autocannonP99: p99 };
}

/** Until so long after the next stall. The answer itself comes when the stall is over. */
async function untilStalled(server: ChildServer, phaseMs: number): Promise<void> {
  const seen = ((await server.ask()) as Told).stalls.length;
  for (;;) {
    const { stalls } = (await server.ask()) as Told;
    const last = stalls.at(-1);
    if (stalls.length > seen && last !== undefined) return wait(Math.max(0, last.endMs + phaseMs - monotonicMs()));
    await wait(20);
  }
}

function duesOf(result: LoadResult, plan: LoadPlan): number[] {
  const schedule = scheduleOf(plan, WHOLE);
  return Array.from({ length: schedule.count }, (_, index) => result.startedAtMs + schedule.dueAt(index));
}

/** The k-th answer against the k-th due: who got which makes no difference to how they are distributed, all being asked the same. */
function seenFrom(duesMs: readonly number[], { answeredMs }: Told): number[] {
  const answers = sortedCopy(answeredMs);
  return duesMs.flatMap((dueMs, index) => (answers[index] === undefined ? [] : [answers[index] - dueMs]));
}

/** Due while the server stood still, or not done before it did, it waits for the end. */
function idealOf(dueMs: number, { stalls, servedMs }: Told): number {
  const baseMs = quantileOf(sortedCopy(servedMs), 0.5) ?? Number.NaN;
  const stall = stalls.find(({ startMs, endMs }) => dueMs < endMs && dueMs + baseMs >= startMs);
  if (stall === undefined) return baseMs;
  // Read before the stall, only its timer waits for the end; else all of it begins then.
  return stall.endMs - dueMs + (dueMs < stall.startMs ? 0 : baseMs);
}

function farthest(values: readonly number[]): number | null {
  return values.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0] ?? null;
}
