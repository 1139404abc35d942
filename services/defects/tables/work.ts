import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';
import { BREAKER_DEFECTS } from './breakers.ts';

/** Operations, workers, model. */
export const WORK_DEFECTS: DefectTable = {
  tail_delay: {
    what: 'every 33rd execution takes 900 ms longer',
    incidentClass: 'a slow tail that averages and p95 do not show',
    violates: 'benchmark.latency_p99',
    mustStayMet: ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.success'],
    load: async () => (await import('../tail-delay.ts')).TAIL_DELAY,
  },
  pattern_delay: {
    what: 'every execution takes 250 ms longer',
    incidentClass: 'a call to a slow service that was put before each answer',
    violates: 'benchmark.latency_p50',
    mustStayMet: ['benchmark.success', 'benchmark.throughput', 'concurrency.register.lost_updates'],
    load: async () => (await import('../pattern-delay.ts')).PATTERN_DELAY,
  },
  pattern_error_rate: {
    what: 'every fifth execution fails',
    incidentClass: 'one dead backend of five that the balancer still uses',
    violates: 'benchmark.success',
    // The latencies are blocked by it.
    mustStayMet: ['lifecycle.operations.end_state', 'concurrency.register.lost_updates'],
    load: async () => (await import('../pattern-error-rate.ts')).PATTERN_ERROR_RATE,
  },
  status_stuck: {
    what: 'an operation whose steps are done stays in executing',
    incidentClass: 'a state that is kept in memory and not written: what finished looks as if it still ran',
    violates: 'lifecycle.operations.end_state',
    mustStayMet: ['lifecycle.transitions.table', 'lifecycle.errors.no_5xx', 'benchmark.success'],
    together: ACROSS.neverDoneAndShort,
    load: async () => (await import('../status-stuck.ts')).STATUS_STUCK,
  },
  empty_plan: {
    what: 'an operation completes although none of its steps was done',
    incidentClass: 'an empty plan counts as success: nothing failed because nothing was tried',
    violates: 'lifecycle.operations.end_state',
    mustStayMet: ['lifecycle.transitions.table', 'lifecycle.errors.no_5xx'],
    together: ACROSS.nothingDoneAndVectors,
    load: async () => (await import('../empty-plan.ts')).EMPTY_PLAN,
  },
  escalation_off: {
    what: 'an operation of low confidence completes instead of waiting for a person',
    incidentClass: 'a threshold that compares percent with shares',
    violates: 'lifecycle.escalation.low_confidence',
    mustStayMet: ['lifecycle.operations.end_state', 'lifecycle.transitions.table'],
    together: 'work',
    load: async () => (await import('../escalation-off.ts')).ESCALATION_OFF,
  },
  operations_one_by_one: {
    what: 'an operation is begun when the one before it has ended',
    incidentClass: 'a lock around the whole of the work, or one connection to it: everybody waits while one waits',
    violates: 'concurrency.operations.overlap',
    mustStayMet: ['lifecycle.operations.end_state', 'concurrency.agents.success', 'concurrency.register.lost_updates'],
    together: ACROSS.checkedAndHandedOut,
    load: async () => (await import('../operations-one-by-one.ts')).OPERATIONS_ONE_BY_ONE,
  },
  meter_down: {
    what: 'the model refuses everything, and its health says healthy',
    incidentClass: 'a used-up quota: the process is well, its only function is not',
    violates: 'concurrency.agents.success',
    mustStayMet: ['preflight.services.health', 'concurrency.register.lost_updates', 'lifecycle.transitions.table'],
    loadMeter: async () => (await import('../meter-down.ts')).METER_DOWN,
  },
  import_missing: {
    what: 'the performance worker dies at start because a module is not there',
    incidentClass: 'a dependency of one role that is missing in the image',
    violates: 'preflight.services.ready',
    // Everything else is blocked by it: nothing can be met.
    mustStayMet: [],
    loadWorker: async () => (await import('../import-missing.ts')).IMPORT_MISSING,
  },
  worker_restart_loop: {
    what: 'the sunbiz worker exits soon after every start',
    incidentClass: 'a job in the background whose error ends the process, again after every restart',
    violates: 'preflight.services.stay_up',
    mustStayMet: ['preflight.services.ready'],
    loadWorker: async () => (await import('../worker-restart-loop.ts')).WORKER_RESTART_LOOP,
  },
  ...BREAKER_DEFECTS,
};
