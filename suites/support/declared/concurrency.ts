import { CONCURRENCY_STATE } from './concurrency-state.ts';
import { CONCURRENCY_POOL } from './concurrency-pool.ts';
import { CONCURRENCY_CACHE } from './concurrency-cache.ts';
import { CONCURRENCY_MODELS } from './concurrency-models.ts';
import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'concurrency';

const ROWS: readonly CheckDeclaration[] = [
  row({
    id: 'concurrency.register.lost_updates',
    suite,
    severity: 'P0',
    claim: 'of concurrent appends to the same keys, every acknowledged one is there afterwards, once',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['register'],
    needs: [{ capability: 'admin', of: 'postgres', when: 'register.stored' }],
    hint: 'Append with one atomic statement or a row lock; read-modify-write loses what others wrote in between.',
  }),
  row({
    id: 'concurrency.register.order',
    suite,
    severity: 'P0',
    claim: 'whoever reads a list while others append to it sees the beginning of one and the same order',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['register'],
    hint: 'Read by the key that the commit order decides (a position, a sequence under the lock), never by time or by a random id.',
  }),
  row({
    id: 'concurrency.register.stale_reads',
    suite,
    severity: 'P1',
    claim:
      'a read that begins after an append was acknowledged shows it, unless the binding declares a `staleness`, and nobody sees less than was seen before',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['register'],
    hint: 'A cache or a replica answers reads: invalidate it before the write is acknowledged, or read from where was written.',
  }),
  row({
    id: 'concurrency.agents.success',
    suite,
    severity: 'P0',
    claim: 'the operations of all agents at once succeed in meaning, not just in status code',
    kind: 'ratio',
    unit: '%',
    pass: '>= 95%',
    nogo: '< 90%',
    requires: ['execute'],
    hint: 'Look at the outcome classes: shed means too small a limit, unknown means time-outs, wrong means a broken answer.',
  }),
  row({
    id: 'concurrency.agents.latency_mean',
    suite,
    severity: 'P1',
    claim: 'with all agents at once the mean latency stays low',
    kind: 'mean',
    unit: 'ms',
    pass: '< 300ms',
    nogo: '>= 600ms',
    requires: ['execute'],
    hint: 'Look for a pool or a lock that makes agents wait for each other.',
  }),
  row({
    id: 'concurrency.agents.crosstalk',
    suite,
    severity: 'P0',
    claim: 'every answer belongs to the request that was sent',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['execute', 'execute.outcome.echo'],
    owner: 'security',
    hint: 'Something shared between requests carries the answer: a module variable, a cache key without the input.',
  }),
  row({
    id: 'concurrency.agents.fairness',
    suite,
    severity: 'P3',
    claim: 'no agent is served at less than half the rate of the typical one',
    kind: 'level',
    unit: '%',
    pass: '>= 50%',
    nogo: '< 25%',
    minSamples: 2,
    requires: ['execute'],
    hint: 'Something is handed out by agent: a lock, a partition, a worker. See which agents are slow and what they share.',
  }),
  ...CONCURRENCY_STATE,
  ...CONCURRENCY_MODELS,
  ...CONCURRENCY_POOL,
  ...CONCURRENCY_CACHE,
];

/** Runs first: where the target does not work for many at once, what else it does with them says nothing more, and the suite stops. */
const STOPS = 'concurrency.agents.success';

export const CONCURRENCY: readonly CheckDeclaration[] = ROWS.map((declared) =>
  declared.id === STOPS ? declared : { ...declared, dependsOn: [...declared.dependsOn, STOPS] },
);
