import { LIFECYCLE_STATE } from './lifecycle-state.ts';
import { LIFECYCLE_WORK } from './lifecycle-work.ts';
import { LIFECYCLE_API } from './lifecycle-api.ts';
import { row } from './row.ts';

const suite = 'lifecycle';

export const LIFECYCLE = [
  row({
    id: 'lifecycle.transitions.table',
    suite,
    severity: 'P0',
    claim: 'every legal status move is accepted and takes effect, every illegal one is refused and changes nothing',
    kind: 'count',
    unit: 'count',
    minSamples: 4,
    requires: ['transitions'],
    hint: 'Guard the move in the same statement that writes it (`UPDATE … WHERE status = …`); see the move that is named.',
  }),
  row({
    id: 'lifecycle.operations.end_state',
    suite,
    severity: 'P0',
    claim: 'an operation of every kind ends in a success state, and its effect is in the database where that is bound',
    kind: 'boolean',
    minSamples: 1,
    requires: ['operation'],
    needs: [{ capability: 'admin', of: 'postgres', when: 'operation.effect' }],
    hint: 'The operation was accepted but its work was not done: follow its id through the log of the worker.',
  }),
  row({
    id: 'lifecycle.errors.no_5xx',
    suite,
    severity: 'P1',
    claim: 'bad input is refused with a definite answer: no 5xx, no hang, and what is missing is not accepted',
    kind: 'count',
    unit: 'count',
    minSamples: 4,
    requires: ['execute'],
    hint: 'Validate the body before it is used; the request that is named reproduces it.',
  }),
  ...LIFECYCLE_STATE,
  ...LIFECYCLE_WORK,
  ...LIFECYCLE_API,
];
