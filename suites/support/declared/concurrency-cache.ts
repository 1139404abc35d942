import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'concurrency';

export const CONCURRENCY_CACHE: readonly CheckDeclaration[] = [
  row({
    id: 'concurrency.cache.coherence',
    suite,
    severity: 'P1',
    claim: 'an answer that was being made while what it rests on changed is not kept for those who ask afterwards',
    kind: 'count',
    unit: 'count',
    minSamples: 5,
    requires: ['cache'],
    hint: 'Keep an answer only if nothing was invalidated since it was looked for: compare a generation, read before the work began, when it is stored.',
  }),
  row({
    id: 'concurrency.cache.stampede',
    suite,
    severity: 'P2',
    claim: 'when many ask at once for what is not kept, it is made at most twice',
    kind: 'count',
    unit: 'count',
    minSamples: 3,
    requires: ['cache'],
    hint: 'Let those who ask for the same wait for the one who is making it (single flight).',
  }),
  row({
    id: 'concurrency.instances.coherence',
    suite,
    severity: 'P1',
    claim: 'a change that one instance acknowledged ends what the others keep, within the declared staleness',
    kind: 'count',
    unit: 'count',
    minSamples: 5,
    requires: ['cache'],
    hint: 'Tell every process of an invalidation (publish it), and drop what is kept in memory after a gap in which none could be heard.',
  }),
];
