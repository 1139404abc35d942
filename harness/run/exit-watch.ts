import type { Environment, ServiceExit } from '../model/environment.ts';
import type { RunPlan } from '../model/plan.ts';
import type { Collector } from './collector.ts';
import type { Journal } from './journal.ts';
import { describeExit, SERVICES_READY, SERVICES_STAY_UP, servicesStayUp } from './own-criteria.ts';

export interface ExitWatchOptions {
  readonly plan: RunPlan;
  readonly collector: Collector;
  readonly journal: Journal;
}

/** Tells the report of services that ended by themselves, and measures whether every critical one stayed up. */
export class ExitWatch {
  readonly #options: ExitWatchOptions;
  readonly #exits: ServiceExit[] = [];
  #environment: Environment | null = null;

  constructor(options: ExitWatchOptions) {
    this.#options = options;
  }

  watch(environment: Environment): void {
    this.#environment = environment;
    environment.onUnexpectedExit((exit) => this.#exited(exit));
  }

  /** Measures with what is known so far. */
  report(): void {
    const { plan, collector, journal } = this.#options;
    const environment = this.#environment;
    if (environment === null || !plan.criteria.some(({ id }) => id === SERVICES_STAY_UP)) return;
    if (collector.isViolated(SERVICES_READY) || environment.cannot['process-watch'] !== undefined)
      return void collector.permit(SERVICES_STAY_UP);
    collector.measured(servicesStayUp([...environment.services.keys()], this.#exits, { startMs: 0, endMs: journal.nowMs() }));
  }

  #exited(exit: ServiceExit): void {
    const { plan, journal } = this.#options;
    journal.warn('service', describeExit(exit));
    const critical = plan.target.services.find((service) => service.name === exit.service)?.critical ?? true;
    if (!critical) return;
    this.#exits.push(exit);
    this.report();
  }
}
