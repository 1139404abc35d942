import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'benchmark';
const requires = ['execute'];
const HEAVY = ['full', 'soak'] as const;

interface Soaked extends Pick<CheckDeclaration, 'unit' | 'pass' | 'nogo'> {
  readonly name: string;
  readonly what: string;
  readonly requires: readonly string[];
  readonly needs: NonNullable<CheckDeclaration['needs']>;
}

const SOAKED: readonly Soaked[] = [
  {
    name: 'memory',
    what: 'the services’ memories',
    unit: 'mb',
    pass: '< 100mb',
    nogo: '>= 100mb',
    requires: [],
    needs: [{ capability: 'resources' }],
  },
  {
    name: 'descriptors',
    what: 'open descriptors',
    unit: 'count',
    pass: '< 100 count',
    nogo: '>= 100 count',
    requires: [],
    needs: [{ capability: 'resources' }],
  },
  {
    name: 'connections',
    what: 'database connections',
    unit: 'count',
    pass: '< 10 count',
    nogo: '>= 10 count',
    requires: ['postgres'],
    needs: [{ capability: 'admin', of: 'postgres' }],
  },
  { name: 'latency', what: 'latencies (p95)', unit: 'ms', pass: '< 50ms', nogo: '>= 50ms', requires: [], needs: [] },
];

/** What shows only at the limit, over repeats, at a start, or over time. */
export const BENCHMARK_EXTREMES: readonly CheckDeclaration[] = [
  row({
    id: 'benchmark.cold_start',
    suite,
    severity: 'P2',
    claim: 'every critical service is ready soon after its start, and answers its first request',
    kind: 'level',
    unit: 'ms',
    pass: '< 30s',
    nogo: '>= 60s',
    minSamples: 1,
    hint: 'Look at what is done before the port opens: migrations, caches that are filled, models that are loaded.',
  }),
  row({
    id: 'benchmark.spread',
    suite,
    severity: 'P3',
    claim: 'repeats of the same load have the same p95 (coefficient of variation)',
    kind: 'level',
    unit: '%',
    pass: '< 25%',
    nogo: '>= 50%',
    minSamples: 1,
    requires,
    profiles: ['full'],
    hint: 'Something happens in some repeats only: a job, a garbage collection, a cache that runs out, a noisy machine.',
  }),
  row({
    id: 'benchmark.capacity',
    suite,
    severity: 'P1',
    claim: 'the highest rate that is still answered in time is at least the rate that is needed',
    kind: 'level',
    unit: 'rps',
    pass: '>= 100rps',
    nogo: '< 50rps',
    minSamples: 1,
    requires,
    profiles: HEAVY,
    hint: 'The report draws p95 over the rate: find what saturates at the knee, CPU, pool or a downstream call.',
  }),
  row({
    id: 'benchmark.overload.goodput',
    suite,
    severity: 'P1',
    claim: 'at 150 % of its capacity, or of what is needed where that is no overload, the target still gets most of it done in time',
    kind: 'level',
    unit: '%',
    pass: '>= 80%',
    nogo: '< 50%',
    minSamples: 1,
    requires,
    profiles: HEAVY,
    hint: 'Bound what waits: refuse early what cannot be answered in time, instead of answering everything too late.',
  }),
  row({
    id: 'benchmark.overload.definite',
    suite,
    severity: 'P1',
    claim: 'at 150 % of its capacity, or of what is needed where that is no overload, every request is answered or refused: none hangs',
    kind: 'ratio',
    unit: '%',
    pass: '>= 99%',
    nogo: '< 95%',
    requires,
    profiles: HEAVY,
    hint: 'Refuse with 429 or 503 at once; a time-out leaves the caller to guess, and to ask again.',
  }),
  row({
    id: 'benchmark.overload.recovery',
    suite,
    severity: 'P1',
    claim: 'soon after an overload the latency is back within its limit',
    kind: 'level',
    unit: 'ms',
    pass: '< 5s',
    nogo: '>= 10s',
    minSamples: 1,
    requires,
    profiles: HEAVY,
    hint: 'A queue that was filled must be thrown away, not worked off: nobody waits for those answers any more.',
  }),
  ...SOAKED.map(({ name, unit, pass, nogo, what, ...rest }) =>
    row({
      id: `benchmark.soak.${name}`,
      suite,
      severity: 'P1',
      claim: `over hours under load ${what} do not grow: slope per hour`,
      kind: 'level',
      unit,
      pass,
      nogo,
      minSamples: 1,
      requires: ['execute', ...rest.requires],
      needs: rest.needs,
      profiles: ['soak'],
      hint: 'What grows with every request is never given back: compare two heap snapshots, list descriptors and sessions twice.',
    }),
  ),
];
