import type { DefectTable } from '../defect.ts';

const UNTOUCHED = ['lifecycle.operations.end_state', 'concurrency.register.lost_updates', 'benchmark.success'] as const;

/** Calls to workers and model: breakers, limits, repeats. Part of `WORK_DEFECTS`. */
export const BREAKER_DEFECTS: DefectTable = {
  breaker_never_opens: {
    what: 'calls go on to a service that keeps failing',
    incidentClass: 'a breaker made anew for each call, which never sees five failures',
    violates: 'recovery.breaker.opens',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../breaker-never-opens.ts')).BREAKER_NEVER_OPENS,
  },
  breaker_never_closes: {
    what: 'a service that is back is used for a few trials only, for ever',
    incidentClass: 'a half-open breaker that wants more successes than it lets trials through',
    violates: 'recovery.breaker.closes',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../breaker-never-closes.ts')).BREAKER_NEVER_CLOSES,
  },
  breaker_wrong_error: {
    what: 'requests with wrong input open the breaker',
    incidentClass: 'a breaker that counts refusals of bad input as failures of the service',
    violates: 'recovery.breaker.selectivity',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../breaker-wrong-error.ts')).BREAKER_WRONG_ERROR,
  },
  timeout_ignored: {
    what: 'timeout_ms of an execution has no effect',
    incidentClass: 'a limit that is accepted, checked and not handed on',
    violates: 'recovery.timeout.enforced',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../timeout-ignored.ts')).TIMEOUT_IGNORED,
  },
  hang_without_timeout: {
    what: 'work sent to a silent worker or model never ends',
    incidentClass: 'an HTTP client without a time limit',
    violates: 'recovery.worker_hang.bounded',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../hang-without-timeout.ts')).HANG_WITHOUT_TIMEOUT,
  },
  retry_storm: {
    what: 'a failed call to a worker or the model is repeated nineteen times at once',
    incidentClass: 'retries without a pause or a budget: an outage makes its own load',
    violates: 'recovery.retry.amplification',
    mustStayMet: UNTOUCHED,
    load: async () => (await import('../retry-storm.ts')).RETRY_STORM,
  },
};
