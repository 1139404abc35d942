import { describe, expect, it } from 'vitest';
import type { CheckDeclaration } from '../model/criterion.ts';
import { type CriteriaConfig, InvalidConfigError, resolveCriteria } from './index.ts';

function declare(id: string, changes: Partial<CheckDeclaration> = {}): CheckDeclaration {
  return {
    id,
    suite: id.split('.')[0] ?? '',
    severity: 'P1',
    claim: 'it works',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 250ms',
    nogo: '>= 500ms',
    minSamples: 'auto',
    requires: [],
    dependsOn: [],
    profiles: ['quick', 'full', 'soak'],
    owner: 'technical',
    hint: 'look',
    weight: 1,
    ...changes,
  };
}

const PLAIN: CriteriaConfig = { criteria: {}, profile: 'full', suites: null, only: null, skip: [] };
const DECLARED = [
  declare('benchmark.latency_p95'),
  declare('benchmark.soak', { profiles: ['soak'] }),
  declare('preflight.health', { kind: 'boolean', unit: null, pass: null, nogo: null }),
];

function ids(config: Partial<CriteriaConfig>): readonly string[] {
  return resolveCriteria(DECLARED, { ...PLAIN, ...config }).criteria.map(({ id }) => id);
}

function problems(criteria: CriteriaConfig['criteria']): readonly string[] {
  try {
    resolveCriteria(DECLARED, { ...PLAIN, criteria });
  } catch (error) {
    if (error instanceof InvalidConfigError) return error.mistakes.map(({ path, problem }) => `${path} ${problem}`);
    throw error;
  }
  return [];
}

describe('resolveCriteria', () => {
  it('selects by profile, suites and skip; a skip names a suite or a criterion', () => {
    expect(ids({})).toEqual(['benchmark.latency_p95', 'preflight.health']);
    expect(ids({ profile: 'soak' })).toContain('benchmark.soak');
    expect(ids({ suites: ['preflight'] })).toEqual(['preflight.health']);
    expect(ids({ skip: ['preflight'] })).toEqual(['benchmark.latency_p95']);
    expect(ids({ skip: ['benchmark.latency_p95'] })).toEqual(['preflight.health']);
  });

  it('selects suites, groups and criteria one by one, with what they rest on; what is skipped stays out', () => {
    const rows = [
      declare('database.stream.lost', { dependsOn: ['preflight.services.ready'] }),
      declare('database.stream.order', { dependsOn: ['database.stream.lost'] }),
      declare('database.streams', { dependsOn: ['gone.for.good'] }),
      declare('preflight.services.ready'),
    ];
    const chosen = (only: readonly string[], skip: readonly string[] = []): readonly string[] =>
      resolveCriteria(rows, { ...PLAIN, only, skip }).criteria.map(({ id }) => id);
    expect(chosen(['database.stream.order'])).toEqual(['database.stream.lost', 'database.stream.order', 'preflight.services.ready']);
    expect(chosen(['database.stream'])).toEqual(['database.stream.lost', 'database.stream.order', 'preflight.services.ready']);
    expect(chosen(['database.streams'])).toEqual(['database.streams']);
    expect(chosen(['database'], ['database.stream', 'preflight'])).toEqual(['database.streams']);
  });

  it('parses the bounds and keeps the declaration where nothing is overridden', () => {
    const [criterion] = resolveCriteria(DECLARED, PLAIN).criteria;
    expect(criterion).toMatchObject({
      pass: { op: '<', value: 250, unit: 'ms' },
      nogo: { op: '>=', value: 500 },
      confidence: 0.95,
      notApplicable: null,
      severity: 'P1',
    });
    expect(criterion).not.toHaveProperty('profiles');
    expect(Object.isFrozen(criterion?.pass)).toBe(true);
  });

  it('applies every override', () => {
    const override = {
      pass: '< 0.3s',
      nogo: '>= 0.6s',
      severity: 'P3',
      minSamples: 7,
      confidence: 0.9,
      notApplicable: 'no load',
      owner: 'me',
    } as const;
    const [criterion] = resolveCriteria(DECLARED, { ...PLAIN, criteria: { 'benchmark.latency_p95': override } }).criteria;
    expect(criterion).toMatchObject({ ...override, pass: { value: 300 }, nogo: { value: 600 } });
  });

  it('refuses bounds that do not fit their criterion, all at once', () => {
    expect(problems({ 'benchmark.latency_p95': { pass: '>= 95%' }, 'preflight.health': { pass: '>= 95%' } })).toEqual([
      'criteria.benchmark.latency_p95.pass is in %, but this criterion is measured in ms',
      'criteria.benchmark.latency_p95.pass is in another unit than the pass bound >= 95%',
      'criteria.preflight.health.pass is set on a criterion without bounds: every attempt must pass',
    ]);
  });

  it('refuses a pass bound that the declared no-go bound is stricter than', () => {
    expect(problems({ 'benchmark.latency_p95': { pass: '< 900ms' } })).toEqual([
      'criteria.benchmark.latency_p95.pass is stricter than the pass bound < 900ms, so that a value could pass and be no-go',
    ]);
    expect(problems({ 'benchmark.latency_p95': { pass: '< 500ms' } })).toEqual([]);
  });

  it('blames a broken declaration on us', () => {
    expect(() => resolveCriteria([declare('a.b', { pass: 'fast' })], PLAIN)).toThrow(
      expect.objectContaining({ code: 'MUSTER_INVALID_DECLARATION', blame: 'harness' }) as Error,
    );
  });
});
