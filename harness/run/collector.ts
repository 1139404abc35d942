import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Absence, Measurement, Reported } from '../model/measurement.ts';
import type { Environment } from '../model/environment.ts';
import type { RunPlan } from '../model/plan.ts';
import { evaluate, reconcile } from '../decision/index.ts';
import { missingCapabilities, type Limits } from './capabilities.ts';
import { isOwn } from './own-criteria.ts';
import { missingRequirements } from './requirements.ts';

/** Why a declared criterion was not even tried. */
const LEFT_OUT = 'not selected for this run';

/** Longest time between the end of a container engine, or of the keeper of a stack, and the word of it. */
const KNOWN_WITHIN_MS = 10_000;

export interface CollectorOptions {
  readonly plan: RunPlan;
  readonly onStart: (criterion: string) => void;
  readonly onEnd: (criterion: string, result: CriterionResult) => void;
  readonly onProblem: (text: string) => void;
}

/** Gathers what is reported per criterion and decides which checks may still run. The only mutable store of results. */
export class Collector {
  readonly #options: CollectorOptions;
  readonly #criteria: ReadonlyMap<string, Criterion>;
  readonly #reported = new Map<string, Reported>();
  readonly #violated = new Set<string>();
  #stopped: string | null = null;
  #limits: Limits | null = null;

  constructor(options: CollectorOptions) {
    this.#options = options;
    this.#criteria = new Map(options.plan.criteria.map((criterion) => [criterion.id, criterion]));
    for (const { id, notApplicable } of options.plan.criteria) {
      if (notApplicable !== null || isOwn(id) || options.plan.selected.includes(id)) continue;
      this.#reported.set(id, { absence: { criterion: id, kind: 'not-run', reason: LEFT_OUT, blockedBy: null } });
    }
  }

  /** The environment is up: from now on a criterion that needs what it cannot do is NOT_RUN. */
  limitedBy({ cannot, services }: Pick<Environment, 'cannot' | 'services'>): void {
    this.#limits = { cannot, stores: [...services.values()].filter(({ kind }) => kind !== 'http') };
  }

  /** From now on nothing runs; what has not been reported is NOT_RUN with this reason. */
  stop(reason: string): void {
    this.#stopped ??= reason;
  }

  /** Whether the check may run. When it may not, its absence is recorded here, with the root cause. */
  permit(id: string): boolean {
    const criterion = this.#criteria.get(id);
    if (criterion === undefined || criterion.notApplicable !== null) return false;
    const reason = this.#obstacle(criterion);
    if (reason !== null) {
      this.absent({ criterion: id, kind: 'not-run', ...reason });
      return false;
    }
    this.#options.onStart(id);
    return true;
  }

  /** What a check still reports after the run was stopped comes too late: by then services may be going. */
  measured(measurement: Measurement): void {
    if (this.#stopped !== null && !isOwn(measurement.criterion)) return;
    this.#put(measurement.criterion, { measurement });
  }

  absent(absence: Absence): void {
    this.#put(absence.criterion, { absence });
  }

  /** Records as NOT_RUN or ERROR every criterion of the suite that has not been reported; the supervisor's own come at the end. */
  closeSuite(suite: string, absence: Omit<Absence, 'criterion'>): void {
    for (const criterion of this.#criteria.values()) {
      if (criterion.suite !== suite || this.#reported.has(criterion.id) || criterion.notApplicable !== null) continue;
      if (isOwn(criterion.id) && this.#stopped === null) continue;
      const obstacle = this.#obstacle(criterion);
      this.absent({ criterion: criterion.id, ...absence, ...obstacle });
    }
  }

  /** Whether anything in the suite may still run: a suite of which everything is blocked need not be started. */
  hasWork(suite: string): boolean {
    const open = [...this.#criteria.values()].filter((criterion) => criterion.suite === suite && !this.#reported.has(criterion.id));
    return open.some((criterion) => criterion.notApplicable === null && !isOwn(criterion.id) && this.#obstacle(criterion) === null);
  }

  /** An error outside any check spoiled the suite: what it measured no longer counts. */
  spoil(suite: string, fault: string): void {
    this.#distrust(fault, ({ criterion }) => this.#criteria.get(criterion)?.suite === suite);
  }

  /**
   * What carries the services is gone, as is known at `nowMs` of the run: what the checks measured in the time that it may take until
   * that is known no longer counts.
   */
  lost(fault: string, nowMs: number): void {
    this.#options.onProblem(fault);
    this.stop(fault);
    this.#distrust(fault, ({ criterion, window }) => !isOwn(criterion) && window.endMs >= nowMs - KNOWN_WITHIN_MS);
  }

  reportedIn(suite: string): number {
    return [...this.#reported].filter(([id, reported]) => this.#criteria.get(id)?.suite === suite && 'measurement' in reported).length;
  }

  isViolated(id: string): boolean {
    return this.#violated.has(id);
  }

  reported(): ReadonlyMap<string, Reported> {
    return this.#reported;
  }

  #distrust(fault: string, isMeant: (measurement: Measurement) => boolean): void {
    for (const [id, reported] of this.#reported) {
      if (!('measurement' in reported) || !isMeant(reported.measurement)) continue;
      this.#reported.set(id, { measurement: { ...reported.measurement, harnessFault: fault } });
      this.#violated.delete(id);
    }
  }

  #obstacle(criterion: Criterion): { readonly reason: string; readonly blockedBy: string | null } | null {
    if (!isOwn(criterion.id) && !this.#options.plan.selected.includes(criterion.id)) return { reason: LEFT_OUT, blockedBy: null };
    if (this.#stopped !== null) return { reason: this.#stopped, blockedBy: null };
    const blockedBy = criterion.dependsOn.find((id) => this.#violated.has(id));
    if (blockedBy !== undefined) return { reason: `blocked by ${blockedBy}`, blockedBy };
    const { target } = this.#options.plan;
    const missing = missingRequirements(criterion, target) ?? (this.#limits && missingCapabilities(criterion, target, this.#limits));
    return missing === null ? null : { reason: missing, blockedBy: null };
  }

  /** Of several reports for one check the worst counts; of equally bad ones the newest, which knows more. */
  #put(id: string, reported: Reported): void {
    const criterion = this.#criteria.get(id);
    if (criterion === undefined) {
      // Kept: a result nobody declared keeps the run from being assessed.
      this.#reported.set(id, reported);
      this.#options.onProblem(`a result for "${id}" arrived, which the plan does not declare`);
      return;
    }
    const earlier = this.#reported.get(id);
    const kept = earlier === undefined ? reported : (reconcile([criterion], [reported, earlier]).get(id) ?? reported);
    this.#reported.set(id, kept);
    const result = evaluate(criterion, kept);
    if (result.state === 'VIOLATED') this.#violated.add(id);
    this.#options.onEnd(id, result);
  }
}
