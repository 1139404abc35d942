import type { DefectTable } from '../defect.ts';

/** Operations, workers, model. */
export const WORK_DEFECTS: DefectTable = {
  tail_delay: {
    what: 'every 33rd execution takes 900 ms longer',
    incidentClass: 'a slow tail that averages and p95 do not show',
    violates: 'benchmark.latency_p99',
    mustStayMet: ['benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.success'],
    load: async () => (await import('../tail-delay.ts')).TAIL_DELAY,
  },
};
