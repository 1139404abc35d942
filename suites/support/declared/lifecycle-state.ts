import { GATES, row } from './row.ts';

const suite = 'lifecycle';
const shared = { suite, severity: 'P0', kind: 'count', unit: 'count' } as const;

export const LIFECYCLE_STATE = [
  row({
    ...shared,
    id: 'lifecycle.transitions.race',
    claim:
      'of conflicting status moves that are asked for at once those are accepted that can follow each other, and the last of them is what stays',
    minSamples: 20,
    requires: ['transitions'],
    needs: [{ capability: 'admin', of: 'postgres', when: 'transitions.chain' }],
    dependsOn: [...GATES, 'lifecycle.transitions.table'],
    hint: 'Check the state in the statement that changes it (`UPDATE … WHERE status = …`), or under a row lock; both moves were checked against the old state.',
  }),
  row({
    ...shared,
    id: 'lifecycle.transitions.silent',
    claim: 'a status move that is refused leaves nothing behind: no row, no event, no entry',
    minSamples: 4,
    requires: ['transitions', 'transitions.trace'],
    needs: [{ capability: 'admin', of: 'postgres', when: 'transitions.trace' }],
    hint: 'Write the entry and the event in the transaction of the change, after its check: then a refusal takes them along.',
  }),
  row({
    ...shared,
    id: 'lifecycle.context.version',
    claim:
      'of several writes on one version exactly one is accepted, as the next version; the others are refused, and what is read is what was accepted',
    minSamples: 59,
    requires: ['context'],
    hint: 'Compare the version in the statement that writes (`UPDATE … WHERE version = $base`), or under a row lock, never before it.',
  }),
  row({
    ...shared,
    id: 'lifecycle.context.rollback',
    claim: 'a rollback makes a new version with exactly the value of the one that was named, also while others write',
    minSamples: 10,
    requires: ['context', 'context.rollback'],
    dependsOn: [...GATES, 'lifecycle.context.version'],
    hint: 'Look the version up by its number, not by its place in a list, and write it as the next version under the same lock as every write.',
  }),
  row({
    ...shared,
    id: 'lifecycle.idempotency.once',
    claim: 'a request that is sent several times with one key, also at once, is done once and answered alike',
    minSamples: 10,
    requires: ['idempotent'],
    needs: [{ capability: 'admin', of: 'postgres', when: 'idempotent.effect' }],
    hint: 'Reserve the key in the transaction of the work (a unique index): a key that is stored with the answer comes too late for a second request under way.',
  }),
  row({
    ...shared,
    id: 'lifecycle.agents.cap',
    claim: 'the limit of a workspace holds when more is asked for at once: so many are made, and the others are refused',
    minSamples: 10,
    requires: ['cap'],
    hint: 'Count under a lock of what the limit belongs to; everybody who counts before anybody has written sees room.',
  }),
];
