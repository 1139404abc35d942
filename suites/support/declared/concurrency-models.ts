import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

/** Pairs of acknowledged changes that were under way at the same time; with fewer it is INSUFFICIENT. */
const common = { suite: 'concurrency', kind: 'count', unit: 'count', minSamples: 59 } as const;

export const CONCURRENCY_MODELS: readonly CheckDeclaration[] = [
  row({
    ...common,
    id: 'concurrency.counter.lost_updates',
    severity: 'P0',
    claim: 'what many count at once adds up: every acknowledged step is in the number, once',
    requires: ['counter'],
    hint: 'Count in one statement (`set used = used + $1`) or under a row lock; a number that is read and written back takes back what others counted.',
  }),
  row({
    ...common,
    id: 'concurrency.counter.stale_reads',
    severity: 'P1',
    claim: 'a read of a counter that begins after a step was acknowledged shows it, unless the binding declares a `staleness`',
    requires: ['counter'],
    hint: 'A cache or a replica answers reads: invalidate it before the step is acknowledged, or declare how old an answer may be.',
  }),
  row({
    ...common,
    id: 'concurrency.set.lost_adds',
    severity: 'P0',
    claim: 'of members that many add to one set at once, every acknowledged one is in it afterwards, once, and no refused one',
    requires: ['set'],
    hint: 'Insert the member by itself (`insert … on conflict do nothing`); a list that is read, extended and saved as a whole loses what others added.',
  }),
  row({
    ...common,
    id: 'concurrency.set.stale_reads',
    severity: 'P1',
    claim: 'a read of a set that begins after an add was acknowledged shows the member, unless the binding declares a `staleness`',
    requires: ['set'],
    hint: 'A cache or a replica answers reads: invalidate it before the add is acknowledged, or declare how old an answer may be.',
  }),
  row({
    ...common,
    id: 'concurrency.bank.total',
    severity: 'P0',
    claim: 'while many move amounts between accounts, whoever reads all of them sees the same sum at every moment',
    requires: ['bank'],
    hint: 'Take and give in one transaction, with the rows locked in one order, and read all accounts with one statement.',
  }),
];
