import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'benchmark';
const needs = [{ capability: 'resources' }] as const;

/** What the target uses while the declared load runs. */
export const BENCHMARK_RESOURCES: readonly CheckDeclaration[] = [
  row({
    id: 'benchmark.resources.cpu',
    suite,
    severity: 'P1',
    claim: 'under the declared load the services leave a part of their processors free',
    kind: 'mean',
    unit: '%',
    pass: '< 80%',
    nogo: '>= 90%',
    minSamples: 40,
    requires: ['execute'],
    needs,
    hint: 'Take a CPU profile of the service under load; give it more cores or more instances when the work is real.',
  }),
  row({
    id: 'benchmark.resources.memory',
    suite,
    severity: 'P1',
    claim: 'under the declared load the services together stay within their memory',
    kind: 'level',
    unit: 'mb',
    pass: '< 2048mb',
    nogo: '>= 2048mb',
    minSamples: 40,
    requires: ['execute'],
    needs,
    hint: 'Take a heap snapshot: caches without a bound, buffers per connection, answers that are kept.',
  }),
  row({
    id: 'benchmark.resources.connections',
    suite,
    severity: 'P1',
    claim: 'under the declared load the target holds no more database connections than it may',
    kind: 'level',
    unit: 'count',
    pass: '< 25 count',
    nogo: '>= 30 count',
    minSamples: 40,
    requires: ['postgres', 'execute'],
    needs: [{ capability: 'admin', of: 'postgres' }],
    hint: 'Share one bounded pool per process; count the processes.',
  }),
  row({
    id: 'benchmark.resources.redis_memory',
    suite,
    severity: 'P1',
    claim: 'under the declared load Redis stays within its memory',
    kind: 'level',
    unit: 'mb',
    pass: '< 1024mb',
    nogo: '>= 1024mb',
    minSamples: 40,
    requires: ['redis', 'execute'],
    needs: [{ capability: 'admin', of: 'redis' }],
    hint: 'Give every key an end (TTL), every stream a length; `redis-cli --bigkeys` names what is large.',
  }),
];
