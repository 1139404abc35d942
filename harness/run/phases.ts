import type { RunPlan } from '../model/plan.ts';
import { messageOf } from '../model/errors.ts';
import type { Collector } from './collector.ts';
import { interruptionOf } from './interruption.ts';
import type { Journal } from './journal.ts';
import type { RunnerProcess } from './runner-process.ts';

/** Longest time one suite may take before its runner is ended, by profile. */
const PHASE_LIMIT_MS = { quick: 2 * 60_000, full: 6 * 60_000, soak: 24 * 60 * 60_000 } as const;

export interface PhaseDeps {
  readonly plan: RunPlan;
  readonly collector: Collector;
  readonly journal: Journal;
  /** A running suite runner; called again after one was lost. */
  readonly runner: () => RunnerProcess;
  readonly discardRunner: () => Promise<void>;
  /** Ends what a suite left running in the load workers. */
  readonly endLoads: () => Promise<void>;
  /** Puts back what a suite left broken. Returns problems in words. */
  readonly heal: () => Promise<readonly string[]>;
  readonly afterPhase: () => Promise<void>;
  readonly signal: AbortSignal;
}

export type SuiteTimes = Map<string, { startMs: number; durationMs: number }>;

/** Runs the suites one after the other. Whatever happens, every criterion of a suite is reported when it returns. */
export async function runPhases(deps: PhaseDeps): Promise<SuiteTimes> {
  const times: SuiteTimes = new Map();
  const { plan, journal, collector, signal } = deps;
  for (const [index, suite] of plan.suites.entries()) {
    const interruption = interruptionOf(signal);
    if (interruption !== null) collector.stop(interruption.message);
    const startMs = journal.nowMs();
    journal.event('phase', suite);
    journal.progress({
      kind: 'phase',
      suite,
      index,
      total: plan.suites.length,
      planned: plan.criteria.filter((criterion) => criterion.suite === suite).length,
    });
    if (interruption === null && collector.hasWork(suite)) await runPhase(deps, suite);
    await deps.endLoads();
    collector.closeSuite(suite, { kind: 'not-run', reason: 'the suite ended without reporting it', blockedBy: null });
    times.set(suite, { startMs, durationMs: journal.nowMs() - startMs });
    await deps.afterPhase();
  }
  return times;
}

async function runPhase(deps: PhaseDeps, suite: string): Promise<void> {
  const { plan, collector, journal, signal } = deps;
  const limitMs = PHASE_LIMIT_MS[plan.profile];
  const timeUp = AbortSignal.timeout(limitMs);
  try {
    const outcome = await deps.runner().runPhase(suite, AbortSignal.any([signal, timeUp]));
    for (const error of outcome.errors) {
      journal.warn('harness', `suite ${suite}: ${error}`);
      collector.spoil(suite, `an error outside any check spoiled the suite: ${error}`);
    }
    if (outcome.errors.length > 0)
      collector.closeSuite(suite, { kind: 'error', reason: `the suite failed: ${outcome.errors[0] ?? ''}`, blockedBy: null });
  } catch (error) {
    const interruption = interruptionOf(signal);
    const reason = interruption?.message ?? (timeUp.aborted ? `the suite did not end within ${limitMs / 1000} s` : messageOf(error));
    if (interruption !== null) collector.stop(reason);
    else journal.warn('harness', `suite ${suite}: ${reason}`);
    collector.closeSuite(suite, { kind: 'not-run', reason, blockedBy: null });
    await deps.discardRunner();
  }
  if (interruptionOf(signal) !== null) return;
  for (const problem of await deps.heal()) journal.warn('fault', problem);
}
