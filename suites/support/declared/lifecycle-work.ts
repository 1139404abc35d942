import type { CheckDeclaration } from '../../../harness/index.ts';
import { GATES, row } from './row.ts';

const suite = 'lifecycle';

export const LIFECYCLE_WORK: readonly CheckDeclaration[] = [
  row({
    id: 'lifecycle.operations.events',
    suite,
    severity: 'P1',
    claim: 'the end of an operation of every kind is told to who listens, as it is, and nothing is told after it',
    kind: 'boolean',
    minSamples: 1,
    requires: ['operation', 'operation.events'],
    dependsOn: [...GATES, 'lifecycle.operations.end_state'],
    hint: 'Write the event in the transaction of the change, on every path that ends an operation.',
  }),
  row({
    id: 'lifecycle.tasks.retry',
    suite,
    severity: 'P0',
    claim: 'a task that fails is handed out again as often as declared, then it has failed for good and is handed to nobody',
    kind: 'boolean',
    minSamples: 1,
    requires: ['tasks'],
    hint: 'Compare the number of tries with the limit in the statement that records the failure; what is over goes to a state of its own.',
  }),
  row({
    id: 'lifecycle.workflows.end_state',
    suite,
    severity: 'P0',
    claim: 'a workflow of every kind ends as a success, and one that cannot be done is refused or ends as a failure',
    kind: 'boolean',
    minSamples: 1,
    requires: ['workflow'],
    hint: 'Sort the steps before accepting them: what cannot be sorted has a cycle. A step that failed ends what waits for it.',
  }),
  row({
    id: 'lifecycle.escalation.low_confidence',
    suite,
    severity: 'P0',
    claim: 'an operation whose result is uncertain waits for a person, and is where a person looks',
    kind: 'boolean',
    minSamples: 1,
    requires: ['operation', 'operation.uncertain'],
    dependsOn: [...GATES, 'lifecycle.operations.end_state'],
    hint: 'Look at the comparison of confidence and threshold: percent against shares, a default that counts as sure.',
  }),
  row({
    id: 'lifecycle.events.truth',
    suite,
    severity: 'P0',
    claim: 'every event tells of a change that is there when the event comes, in the order of the changes, with all its fields',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['events', 'register'],
    hint: 'Write the event into an outbox in the transaction of the change and publish after the commit, in the order of the commits.',
  }),
];
