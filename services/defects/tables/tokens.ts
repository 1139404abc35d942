import type { DefectTable } from '../defect.ts';
import { ACROSS } from './across.ts';

/** Token counts. */
export const TOKENS_DEFECTS: DefectTable = {
  tokens_off_by: {
    what: 'executions report 10 % fewer tokens than they used',
    incidentClass: 'usage that is estimated instead of read from the ledger',
    violates: 'efficiency.tokens.self_report',
    mustStayMet: ['efficiency.tokens.per_operation', 'efficiency.cache.hit_rate'],
    together: ACROSS.lostAndMiscounted,
    load: async () => (await import('../tokens-off-by.ts')).TOKENS_OFF_BY,
  },
  tokens_constant: {
    what: 'every execution that asked the model reports 120 tokens',
    incidentClass: 'a placeholder that stayed: usage that looks plausible and is nobody’s',
    violates: 'efficiency.tokens.self_report',
    mustStayMet: ['efficiency.tokens.per_operation', 'efficiency.cache.hit_rate'],
    together: ACROSS.repeatedAndLate,
    load: async () => (await import('../tokens-constant.ts')).TOKENS_CONSTANT,
  },
  tokens_by_length: {
    what: 'executions report a quarter of the characters of question and answer instead of the ledger',
    incidentClass: 'usage by rule of thumb, billed as if it were counted',
    violates: 'efficiency.tokens.self_report',
    mustStayMet: ['efficiency.tokens.per_operation', 'efficiency.cache.hit_rate'],
    together: ACROSS.broadcastAndEstimated,
    load: async () => (await import('../tokens-by-length.ts')).TOKENS_BY_LENGTH,
  },
};
