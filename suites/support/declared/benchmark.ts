import { BENCHMARK_BUDGETS } from './benchmark-budgets.ts';
import { BENCHMARK_EXTREMES } from './benchmark-extremes.ts';
import { BENCHMARK_RESOURCES } from './benchmark-resources.ts';
import { GATES, row } from './row.ts';

const suite = 'benchmark';
const requires = ['execute'];
/** A latency holds everything that came due, and a quick failure for a quick answer: of a load that failed it says nothing. */
const dependsOn = [...GATES, 'benchmark.success'];

export const BENCHMARK = [
  row({
    id: 'benchmark.success',
    suite,
    severity: 'P0',
    claim: 'at the declared rate what was scheduled succeeds',
    kind: 'ratio',
    unit: '%',
    pass: '>= 95%',
    nogo: '< 90%',
    requires,
    hint: 'Look at the outcome classes and the log of the service in the same window.',
  }),
  row({
    id: 'benchmark.throughput',
    suite,
    severity: 'P1',
    claim: 'the target sustains the rate it must sustain',
    kind: 'rate',
    unit: 'rps',
    pass: '>= 100rps',
    nogo: '< 90rps',
    requires,
    hint: 'Find the knee: what saturates first, CPU, pool or a downstream call?',
  }),
  row({
    id: 'benchmark.latency_p50',
    suite,
    severity: 'P1',
    claim: 'half of the requests are settled in time, from when they were due; failures count with the time they took',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 100ms',
    nogo: '>= 200ms',
    requires,
    dependsOn,
    hint: 'Look at the time outside the handler: queueing, pool waits, serialisation.',
  }),
  row({
    id: 'benchmark.latency_p95',
    suite,
    severity: 'P1',
    claim: '95 of 100 requests are settled in time, from when they were due; failures count with the time they took',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 250ms',
    nogo: '>= 500ms',
    requires,
    dependsOn,
    hint: 'Look at what one request in twenty waits for: a cache miss, a lock, a connection.',
  }),
  row({
    id: 'benchmark.latency_p99',
    suite,
    severity: 'P1',
    claim: '99 of 100 requests are settled in time, from when they were due; failures count with the time they took',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 400ms',
    nogo: '>= 400ms',
    requires,
    dependsOn,
    hint: 'A slow tail of one in a hundred is a retry, a garbage collection or a cold path.',
  }),
  ...BENCHMARK_BUDGETS,
  ...BENCHMARK_RESOURCES,
  ...BENCHMARK_EXTREMES,
];
