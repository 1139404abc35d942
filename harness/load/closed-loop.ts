import type { Outcome } from '../model/outcome.ts';
import { ActionOperation } from './action-operation.ts';
import type { LoadClock } from './clock.ts';
import { systemClock } from './clock.ts';
import { Flight, Flights } from './flights.ts';
import { measureOwnUsage } from './own-usage.ts';
import { quantilesOf } from './quantile.ts';
import { Tally } from './tally.ts';
import type { Action, Quantiles, WindowedResult } from './types.ts';

const WINDOWS = 20;
const GRACE_MS = 1000;

export interface ClosedLoopOptions {
  readonly agents: number;
  /** Operations each agent does, one after the other. */
  readonly perAgent: number;
  /** `dueMs` of its arrivals is the time the agent's previous operation ended. */
  readonly action: Action;
  /** After it an operation is aborted with outcome `unknown`, and the agent goes on. */
  readonly timeoutMs: number;
  readonly successOutcomes?: readonly Outcome[];
  /** Ends the loop: operations under way are aborted and left out, the rest does not begin. */
  readonly signal?: AbortSignal;
  readonly clock?: LoadClock;
  readonly onSettled?: (done: number, total: number) => void;
}

export interface AgentResult {
  readonly agent: number;
  readonly done: number;
  readonly successes: number;
  readonly meanMs: number | null;
  /** Operations per second while this agent was at work. */
  readonly perSecond: number;
}

export interface ClosedLoopResult extends WindowedResult {
  /** agents × perAgent. */
  readonly scheduled: number;
  /** Operations that ended; less than `scheduled` only when aborted. */
  readonly done: number;
  readonly durationMs: number;
  readonly latencyMs: Quantiles | null;
  readonly agents: readonly AgentResult[];
  /** Jain's index over the agents' rates: 1 when all are served alike, 1/n when one has everything; null when nothing was done. */
  readonly fairness: number | null;
  readonly donePerSecond: number;
  readonly leaked: number;
  readonly bytes: number;
}

interface Settled {
  readonly agent: number;
  readonly startMs: number;
  readonly latencyMs: number;
  readonly outcome: Outcome;
  readonly timedOut: boolean;
}

/**
 * Virtual agents that each do their operations one after the other: as much pressure as the target admits. A stalled
 * target gets fewer requests, so latencies here say nothing about users who come regardless (`runLoad` does).
 */
export async function closedLoop(options: ClosedLoopOptions): Promise<ClosedLoopResult> {
  const clock = options.clock ?? systemClock;
  const startedAtMs = clock.nowMs();
  const usage = measureOwnUsage();
  const settled: Settled[] = [];
  const total = options.agents * options.perAgent;
  const next = new Map<Flight, () => void>();
  let bytes = 0;
  const { timeoutMs } = options;
  const flights = new Flights({ operations: [new ActionOperation(options.action)], timeoutMs, clock, onEnd, endsCancelled: true });

  function onEnd(flight: Flight): void {
    if (flight.ending !== 'cut') {
      bytes += flight.bytes;
      const startMs = flight.arrival.dueMs;
      const latencyMs = clock.nowMs() - startedAtMs - startMs;
      settled.push({ agent: flight.arrival.agent, startMs, latencyMs, outcome: flight.outcome, timedOut: flight.ending === 'timeout' });
      options.onSettled?.(settled.length, total);
    }
    next.get(flight)?.();
    next.delete(flight);
  }

  async function agentLoop(agent: number): Promise<void> {
    for (let op = 0; op < options.perAgent && options.signal?.aborted !== true; op += 1) {
      const nowMs = clock.nowMs();
      const flight = new Flight({ index: op * options.agents + agent, dueMs: nowMs - startedAtMs, agent }, 0, flights);
      const ended = new Promise<void>((resolve) => next.set(flight, resolve));
      flights.start(flight, nowMs);
      await ended;
    }
  }

  const abort = () => flights.cutAll();
  options.signal?.addEventListener('abort', abort, { once: true });
  await Promise.all(Array.from({ length: options.agents }, (_, agent) => agentLoop(agent)));
  options.signal?.removeEventListener('abort', abort);
  const durationMs = clock.nowMs() - startedAtMs;
  const leaked = await flights.idle(GRACE_MS);
  return { ...summary(options, settled, durationMs), ...usage(), startedAtMs, durationMs, leaked, bytes, crashes: flights.crashes };
}

type Summary = Omit<ClosedLoopResult, 'elu' | 'cpuMs' | 'startedAtMs' | 'durationMs' | 'leaked' | 'bytes' | 'crashes'>;

function summary(options: ClosedLoopOptions, settled: readonly Settled[], durationMs: number): Summary {
  // A little longer than the run, so that an answer at its very end has a window.
  const spanMs = Math.max(1, durationMs) * (1 + Number.EPSILON);
  const tally = new Tally({ fromMs: 0, spanMs, windows: WINDOWS, successOutcomes: options.successOutcomes ?? ['ok'] });
  for (const { startMs, latencyMs, outcome, timedOut } of settled) {
    tally.settle(startMs, latencyMs, outcome, timedOut);
    if (tally.isSuccess(outcome)) tally.arrived(startMs + latencyMs);
  }
  const agents = Array.from({ length: options.agents }, (_, agent) => {
    const own = settled.filter((op) => op.agent === agent);
    return agentResult(agent, own, own.filter((op) => tally.isSuccess(op.outcome)).length);
  });
  return {
    scheduled: options.agents * options.perAgent,
    done: settled.length,
    byOutcome: tally.byOutcome,
    windows: tally.windows(spanMs),
    windowMs: tally.windowMs,
    aborted: options.signal?.aborted === true,
    latencyMs: quantilesOf(settled.map((op) => op.latencyMs)),
    agents,
    fairness: jainIndex(agents.map((agent) => agent.perSecond)),
    donePerSecond: (settled.length * 1000) / Math.max(1, durationMs),
  };
}

function agentResult(agent: number, own: readonly Settled[], successes: number): AgentResult {
  const busyMs = own.reduce((sum, op) => sum + op.latencyMs, 0);
  const done = own.length;
  return { agent, done, successes, meanMs: done === 0 ? null : busyMs / done, perSecond: busyMs === 0 ? 0 : (done * 1000) / busyMs };
}

/** (Σx)² / (n Σx²), Jain, Chiu and Hawe 1984. */
function jainIndex(values: readonly number[]): number | null {
  const total = values.reduce((sum, value) => sum + value, 0);
  const squares = values.reduce((sum, value) => sum + value * value, 0);
  return squares === 0 ? null : (total * total) / (values.length * squares);
}
