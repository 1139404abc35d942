import type { DefectTable } from '../defect.ts';

/** Planted beside the other writes that lose what somebody else wrote: each in a part of its own. */
const WRITTEN = 'state_written';
/** Planted beside another cache that nobody tells. */
const CACHED = 'stuck';
const mustStayMet = ['concurrency.agents.success', 'concurrency.agents.crosstalk'];

/** Budgets and labels. */
export const SHARED_VALUES_DEFECTS: DefectTable = {
  charge_read_modify_write: {
    what: 'a charge reads the budget, looks whether it is enough, and writes what should be left',
    incidentClass: 'read-modify-write on a number: quotas that are never used up, though everybody was charged',
    violates: 'concurrency.counter.lost_updates',
    together: WRITTEN,
    mustStayMet,
    load: async () => (await import('../charge-read-modify-write.ts')).CHARGE_READ_MODIFY_WRITE,
  },
  budget_shown_late: {
    what: 'a budget is shown as it was up to 300 ms ago, whatever is spent meanwhile',
    incidentClass: 'usage that is shown from a cache: whoever looks before spending sees what others have long spent',
    violates: 'concurrency.counter.stale_reads',
    together: CACHED,
    mustStayMet: ['concurrency.counter.lost_updates', 'concurrency.bank.total', 'concurrency.agents.success'],
    load: async () => (await import('../budget-shown-late.ts')).BUDGET_SHOWN_LATE,
  },
  label_overwritten: {
    what: 'a label is added to those that were read, and all of them are saved',
    incidentClass: 'a collection that is saved as a whole: the member that somebody else added in between is deleted',
    violates: 'concurrency.set.lost_adds',
    together: WRITTEN,
    mustStayMet,
    load: async () => (await import('../label-overwritten.ts')).LABEL_OVERWRITTEN,
  },
  labels_shown_late: {
    what: 'the labels of an agent are shown as they were up to 300 ms ago',
    incidentClass: 'a list in a cache that no write clears: who adds a member does not find it',
    violates: 'concurrency.set.stale_reads',
    together: CACHED,
    mustStayMet: ['concurrency.set.lost_adds', 'concurrency.bank.total', 'concurrency.agents.success'],
    load: async () => (await import('../labels-shown-late.ts')).LABELS_SHOWN_LATE,
  },
  transfer_two_transactions: {
    what: 'a transfer takes from one budget in a transaction and gives to the other in the next',
    incidentClass: 'two bookings that belong together and are not: a report in between, or a crash, sees money that is nowhere',
    violates: 'concurrency.bank.total',
    together: WRITTEN,
    mustStayMet,
    load: async () => (await import('../transfer-two-transactions.ts')).TRANSFER_TWO_TRANSACTIONS,
  },
};
