import { row } from './row.ts';

export const CONCURRENCY_STATE = [
  row({
    id: 'concurrency.state.lost_updates',
    suite: 'concurrency',
    severity: 'P0',
    claim: 'of changes of different fields of one document that are made at once, every acknowledged one is there afterwards',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['state'],
    hint: 'Merge in the database (`config || $patch`) or under a row lock; a document that is merged in code and written back takes back what others wrote.',
  }),
];
