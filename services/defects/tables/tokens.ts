import type { DefectTable } from '../defect.ts';

/** Token counts. */
export const TOKENS_DEFECTS: DefectTable = {
  tokens_off_by: {
    what: 'executions report 10 % fewer tokens than they used',
    incidentClass: 'usage that is estimated instead of read from the ledger',
    violates: 'efficiency.tokens.self_report',
    mustStayMet: ['efficiency.tokens.per_operation', 'efficiency.cache.hit_rate'],
    load: async () => (await import('../tokens-off-by.ts')).TOKENS_OFF_BY,
  },
};
