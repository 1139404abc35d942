import { describe, expect, it } from 'vitest';
import type { Criterion } from '../model/criterion.ts';
import type { Observation } from '../model/measurement.ts';
import { evaluate } from './evaluate.ts';
import { criterion, measured } from './fixtures.ts';
import { provable, samplesNeeded } from './power.ts';

const share = (pass: string, overrides: Partial<Omit<Criterion, 'pass' | 'nogo'>> = {}): Criterion =>
  criterion({ kind: 'ratio', unit: '%', pass, ...overrides });
const quantile = (id: string, overrides: Partial<Omit<Criterion, 'pass' | 'nogo'>> = {}): Criterion =>
  criterion({ id, kind: 'quantile', unit: 'ms', pass: '< 250ms', ...overrides });

describe('samplesNeeded', () => {
  it.each<[string, Criterion, number]>([
    ['a share of 95 %', share('>= 95%'), 59],
    ['a share above 80 %', share('> 80%'), 14],
    ['a share of 99 %', share('>= 99%'), 299],
    ['a share of failures up to 1 %', share('<= 1%'), 299],
    ['a share of failures up to 5 % at 99 % confidence', share('<= 5%', { confidence: 0.99 }), 90],
    ['any share', share('>= 0%'), 1],
    ['any share above nothing', share('> 0%'), 1],
    ['any share of failures', share('<= 150%'), 1],
    ['a share of 50 % at 75 %, where two trials are exactly enough', share('>= 50%', { confidence: 0.75 }), 2],
    ['a share above 50 % at 75 %, where they are not', share('> 50%', { confidence: 0.75 }), 3],
    ['a share of failures up to 50 % at 75 %', share('<= 50%', { confidence: 0.75 }), 2],
    ['a share of failures below 50 % at 75 %', share('< 50%', { confidence: 0.75 }), 3],
    ['p50 at 75 %', quantile('x_p50', { confidence: 0.75 }), 2],
    ['a share of 100 %: no number is enough', share('>= 100%'), Number.POSITIVE_INFINITY],
    ['a share of failures of 0 %: no number is enough', share('<= 0%'), Number.POSITIVE_INFINITY],
    ['p50', quantile('x.latency_p50'), 5],
    ['p90', quantile('x.p90.latency'), 29],
    ['p95', quantile('x.latency.p95'), 59],
    ['p99', quantile('x.latency-p99'), 299],
    ['p99.9', quantile('x.latency_p999'), 2995],
    ['a quantile that the id does not name', quantile('x.top95'), 299],
    ['a p5 from below', criterion({ id: 'x_p05', kind: 'quantile', unit: 'ms', pass: '> 1ms' }), 59],
    ['no bad event', criterion({ kind: 'count', unit: 'count' }), 59],
    ['no bad event at 99 % confidence', criterion({ kind: 'count', unit: 'count', confidence: 0.99 }), 459],
    ['one attempt', criterion(), 1],
    ['windows of a rate', criterion({ kind: 'rate', unit: 'rps', pass: '>= 100rps' }), 20],
    ['runs of a rate', criterion({ kind: 'rate', unit: 'rps', pass: '>= 100rps', minSamples: 3 }), 5],
    ['samples of a mean', criterion({ kind: 'mean', unit: 'ms', pass: '< 5ms' }), 200],
    ['a reading of a level', criterion({ kind: 'level', unit: 'mb', pass: '< 5mb' }), 1],
    ['what the criterion says, if it is more', share('>= 95%', { minSamples: 500 }), 500],
    ['what can prove it, if the criterion says less', share('>= 95%', { minSamples: 10 }), 59],
    ['what can prove a quantile, if the criterion says less', quantile('x_p95', { minSamples: 10 }), 59],
    ['what the criterion says of a count', criterion({ kind: 'count', unit: 'count', minSamples: 7 }), 7],
    ['what the criterion says of a quantile nobody named', quantile('x.top', { minSamples: 100 }), 100],
  ])('%s', (_, subject, needed) => {
    expect(samplesNeeded(subject)).toBe(needed);
  });

  it.each([['>= 95%'], ['> 80%'], ['>= 99.9%'], ['<= 1%'], ['< 5%'], ['>= 50%'], ['> 0%']])(
    'is exactly where a perfect series of a share %s turns from unproven to MET',
    (pass) => {
      const subject = share(pass, { minSamples: 1 });
      const needed = samplesNeeded(subject);
      const perfect = (trials: number): Observation => ({ kind: 'ratio', successes: pass.startsWith('>') ? trials : 0, trials });
      expect(evaluate(subject, measured(subject, perfect(needed))).state).toBe('MET');
      const oneLess = needed === 1 ? 'NOT_RUN' : 'INCONCLUSIVE';
      expect(evaluate(subject, measured(subject, perfect(needed - 1))).state).toBe(oneLess);
    },
  );
});

describe('provable', () => {
  it('compares what is planned with what it takes', () => {
    expect(provable(share('>= 95%'), 59)).toEqual({ provable: true, needed: 59 });
    expect(provable(share('>= 95%'), 58)).toEqual({ provable: false, needed: 59 });
    expect(provable(share('>= 100%'), 1e9).provable).toBe(false);
  });
});
