import type { LoadPlan } from '../plan.ts';
import { durationOf, WHOLE } from '../plan.ts';
import { scheduleOf } from '../shapes.ts';
import type { LoadResult, LoadWindow } from '../types.ts';
import { loadResult } from './load-result.ts';

/** A server of so many slots that each take `serviceMs` for a request, with a queue without end: its capacity is slots / service time. */
export interface QueueModel {
  readonly slots: number;
  readonly serviceMs: number;
}

interface Answer {
  readonly dueMs: number;
  readonly latencyMs: number;
  readonly ok: boolean;
}

const WINDOWS = 20;

/** What a perfect generator would measure of it, computed. */
export function loadOn({ slots, serviceMs }: QueueModel, plan: LoadPlan): LoadResult {
  const schedule = scheduleOf(plan, WHOLE);
  const freeAtMs = Array.from({ length: slots }, () => 0);
  const answers = Array.from({ length: schedule.count }, (_, index): Answer => {
    const dueMs = schedule.dueAt(index);
    const slot = freeAtMs.indexOf(Math.min(...freeAtMs));
    const startMs = Math.max(dueMs, freeAtMs[slot] ?? 0);
    if (startMs - dueMs > plan.timeoutMs) return { dueMs, latencyMs: plan.timeoutMs, ok: false };
    freeAtMs[slot] = startMs + serviceMs;
    return { dueMs, latencyMs: startMs + serviceMs - dueMs, ok: true };
  });
  const windows = windowsOf(answers, plan);
  return loadResult({
    windows,
    requestedPerSecond: schedule.perSecond,
    achievedPerSecond: windows.reduce((sum, window) => sum + window.achievedPerSecond, 0) / windows.length,
    latenessMs: { p50: 0.1, p95: 0.5, p99: 0.9, max: 2 },
    timeoutMs: plan.timeoutMs,
    maxInFlight: plan.maxInFlight,
  });
}

const NONE = { ok: 0, degraded: 0, shed: 0, rejected: 0, unknown: 0, wrong: 0 };

function windowsOf(answers: readonly Answer[], plan: LoadPlan): readonly LoadWindow[] {
  const { warmupMs: fromMs, goodWithinMs = Number.POSITIVE_INFINITY } = plan;
  const untilMs = durationOf(plan.shape);
  const lengthMs = (untilMs - fromMs) / WINDOWS;
  return Array.from({ length: WINDOWS }, (_, place) => {
    const startMs = fromMs + place * lengthMs;
    const within = (atMs: number) => atMs >= startMs && atMs < startMs + lengthMs;
    const due = answers.filter(({ dueMs }) => within(dueMs));
    const arrived = answers.filter(({ dueMs, latencyMs, ok }) => ok && within(dueMs + latencyMs));
    return {
      startMs,
      lengthMs,
      latenciesMs: due.map(({ latencyMs }) => latencyMs),
      successes: due.filter(({ ok }) => ok).length,
      inTime: due.filter(({ ok, latencyMs }) => ok && latencyMs <= goodWithinMs).length,
      trials: due.length,
      late: 0,
      byOutcome: { ...NONE, ok: due.filter(({ ok }) => ok).length },
      achievedPerSecond: (arrived.length * 1000) / lengthMs,
    };
  });
}
