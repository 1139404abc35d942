import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'concurrency';

export const CONCURRENCY_POOL: readonly CheckDeclaration[] = [
  row({
    id: 'concurrency.pool.leak',
    suite,
    severity: 'P0',
    claim: 'after a storm of calls that fail in the database, as many connections can work at once as before',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['postgres', 'pool'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Release the connection in a `finally`: the path of the error keeps it.',
  }),
  row({
    id: 'concurrency.pool.saturation',
    suite,
    severity: 'P1',
    claim:
      'five times as many calls as the pool has connections are each answered in time while the database is stuck, and soon after it all works',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['postgres', 'pool'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Bound the wait for a connection, for a lock and for a statement, and answer 503 when one is over.',
  }),
  row({
    id: 'concurrency.tasks.once',
    suite,
    severity: 'P0',
    claim: 'of tasks that several workers take at the same time, each is handed to one of them and done once',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['tasks'],
    hint: 'Take the task in the statement that finds it (`for update skip locked`, or `update … where state = waiting`): looking and then taking gives it to two.',
  }),
  row({
    id: 'concurrency.operations.overlap',
    suite,
    severity: 'P1',
    claim: 'operations that mostly wait and are started at once are done sooner than one after the other',
    kind: 'level',
    unit: 'count',
    pass: '>= 1.4count',
    nogo: '< 1.2count',
    minSamples: 1,
    requires: ['operation', 'operation.parallel'],
    hint: 'Something lets one through at a time: a lock that is held while waiting, one worker, one connection.',
  }),
];
