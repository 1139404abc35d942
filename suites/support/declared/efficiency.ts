import { row } from './row.ts';

const suite = 'efficiency';

export const EFFICIENCY = [
  row({
    id: 'efficiency.tokens.self_report',
    suite,
    severity: 'P0',
    claim: 'the tokens an operation reports are the tokens the meter counted',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['execute', 'execute.outcome.tokens', 'execute.outcome.id', 'meter'],
    hint: 'Report the sum of the ledger, not an estimate; see the operation that is named.',
  }),
  row({
    id: 'efficiency.tokens.per_operation',
    suite,
    severity: 'P1',
    claim: 'an operation costs few enough tokens on average',
    kind: 'mean',
    unit: 'count',
    pass: '< 10000 count',
    nogo: '>= 15000 count',
    minSamples: 20,
    requires: ['execute', 'execute.outcome.tokens'],
    hint: 'Compress the context and cache what does not change.',
  }),
  row({
    id: 'efficiency.cache.hit_rate',
    suite,
    severity: 'P1',
    claim: 'repeated requests are answered from the cache',
    kind: 'ratio',
    unit: '%',
    pass: '> 80%',
    nogo: '< 60%',
    requires: ['execute', 'execute.outcome.cacheHit'],
    hint: 'Check the key (no timestamp, no request id in it) and the time to live.',
  }),
];
