import type { CheckDeclaration, ResponseClass, Stage } from '../../../harness/index.ts';
import { GATES, row } from './row.ts';

const suite = 'benchmark';

/** As many as prove a p95 when all of them are in time. */
const P95_SAMPLES = 59;

interface Budget {
  readonly pass: string;
  readonly nogo: string;
  readonly what: string;
}

const CLASSES: Readonly<Record<ResponseClass, Budget>> = {
  health: { pass: '< 100ms', nogo: '>= 200ms', what: 'health is told' },
  delegation: { pass: '< 200ms', nogo: '>= 400ms', what: 'a delegation is decided' },
  simple: { pass: '< 1s', nogo: '>= 2s', what: 'a simple request is answered' },
  medium: { pass: '< 2s', nogo: '>= 4s', what: 'a request of medium size is answered' },
  complex: { pass: '< 3s', nogo: '>= 6s', what: 'a complex request is answered' },
};

const BUDGETS: Readonly<Record<Stage, Budget>> = {
  match: { pass: '< 10ms', nogo: '>= 20ms', what: 'matching a request' },
  infrastructure: { pass: '< 50ms', nogo: '>= 100ms', what: 'an infrastructure execution' },
  memory: { pass: '< 100ms', nogo: '>= 200ms', what: 'a memory execution' },
  hybrid: { pass: '< 200ms', nogo: '>= 400ms', what: 'a hybrid execution' },
};

const classRows = Object.entries(CLASSES).map(([name, { pass, nogo, what }]) =>
  row({
    id: `benchmark.class.${name}`,
    suite,
    severity: 'P1',
    claim: `under the declared load ${what} in its time for 95 of 100`,
    kind: 'quantile',
    unit: 'ms',
    pass,
    nogo,
    minSamples: P95_SAMPLES,
    requires: [`classes.${name}`],
    dependsOn: [...GATES, 'benchmark.success'],
    hint: 'Look at what this kind of request does and the others do not: a store, a worker, a larger prompt.',
  }),
);

/**
 * A budget of a whole execution is a part of the latency of all: where that is broken, it is the cause. In a quick run too few of each type are
 * asked to tell one slow answer from one in twenty.
 */
const OF_WHOLES: Pick<CheckDeclaration, 'dependsOn' | 'profiles'> = {
  dependsOn: [...GATES, 'benchmark.success', 'benchmark.latency_p50', 'benchmark.latency_p95', 'benchmark.latency_p99'],
  profiles: ['full', 'soak'],
};

const stageRows = Object.entries(BUDGETS).map(([name, { pass, nogo, what }]) =>
  row({
    id: `benchmark.stage.${name}`,
    suite,
    severity: 'P2',
    claim: `under the declared load ${what} keeps its time budget for 95 of 100${name === 'match' ? ', as the answers say' : ''}`,
    kind: 'quantile',
    unit: 'ms',
    pass,
    nogo,
    minSamples: P95_SAMPLES,
    requires: ['execute', `execute.outcome.stages.${name}`],
    ...(name === 'match' ? { dependsOn: [...GATES, 'benchmark.success'] } : OF_WHOLES),
    hint: 'The answers of the target name the stage: measure inside it what it waits for.',
  }),
);

const STREAM = { suite, requires: ['stream', 'postgres'], needs: [{ capability: 'admin', of: 'postgres' }] } as const;

/** What users expect of single kinds of work. */
export const BENCHMARK_BUDGETS: readonly CheckDeclaration[] = [
  ...classRows,
  ...stageRows,
  row({
    ...STREAM,
    id: 'benchmark.stream.throughput',
    severity: 'P1',
    claim: 'messages are processed as fast as they must be able to come, from being added to their effect in the database',
    kind: 'rate',
    unit: 'rps',
    pass: '>= 100rps',
    nogo: '< 90rps',
    minSamples: 8,
    hint: 'Read and acknowledge in batches, store a batch with one statement, run consumers side by side.',
  }),
  row({
    ...STREAM,
    id: 'benchmark.stream.latency_p95',
    severity: 'P2',
    claim: 'under the declared load 95 of 100 messages have their effect in the database soon after they were added',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 200ms',
    nogo: '>= 500ms',
    minSamples: P95_SAMPLES,
    hint: 'A consumer that polls waits for its next look: block on the stream, or wake it when something was added.',
  }),
];
