import type { CheckDeclaration } from '../../../harness/index.ts';
import { GATES, row } from './row.ts';

const suite = 'efficiency';
/** Where nothing is kept, nothing can be kept too long. */
const KEPT = [...GATES, 'efficiency.cache.hit_rate'];

export const EFFICIENCY_CACHE: readonly CheckDeclaration[] = [
  row({
    id: 'efficiency.cache.ttl',
    suite,
    severity: 'P1',
    claim: 'a kept answer is not served any more when its time is up',
    kind: 'count',
    unit: 'count',
    minSamples: 3,
    requires: ['cache'],
    dependsOn: KEPT,
    hint: 'Give everything that keeps answers an end, also a map in front of the cache: the time that is left in the store, not a new one.',
  }),
  row({
    id: 'efficiency.cache.invalidation',
    suite,
    severity: 'P1',
    claim: 'once a change is acknowledged, no answer from before it is served',
    kind: 'count',
    unit: 'count',
    minSamples: 5,
    requires: ['cache'],
    dependsOn: KEPT,
    hint: 'Invalidate in the path that writes, after the commit and before the answer.',
  }),
];
