import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Criterion, CriterionResult } from '../model/criterion.ts';
import type { Observation, Reported } from '../model/measurement.ts';
import type { CriterionState } from '../model/state.ts';
import { CRITERION_STATES, SEVERITIES } from '../model/state.ts';
import type { Decision } from './aggregate.ts';
import { aggregate } from './aggregate.ts';
import { effectOf, isUnknown } from './effect.ts';
import { evaluate } from './evaluate.ts';
import { criterion, measured, notRun } from './fixtures.ts';
import { reconcile } from './reconcile.ts';

const RUNS = { numRuns: 500, seed: 1 };
const STATES_BUT_NA = CRITERION_STATES.filter((state) => state !== 'NOT_APPLICABLE');

interface Row {
  readonly criterion: Criterion;
  readonly observation: Observation | null;
}

const severity = fc.constantFrom(...SEVERITIES);
const oks = fc.array(fc.boolean(), { maxLength: 4 });
const amount = fc.integer({ min: 0, max: 400 });

const booleanRow = fc.record({ severity, oks }).map(({ severity: level, oks: passed }) => ({
  criterion: criterion({ severity: level }),
  observation: { kind: 'boolean', attempts: passed.map((ok) => ({ ok, note: '' })) } as Observation,
}));
const ratioRow = fc.record({ severity, failures: amount, successes: amount }).map(({ severity: level, failures, successes }) => ({
  criterion: criterion({ severity: level, kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 90%' }),
  observation: { kind: 'ratio', successes, trials: successes + failures } as Observation,
}));
const countRow = fc
  .record({ severity, count: fc.integer({ min: 0, max: 2 }), trials: amount })
  .map(({ severity: level, count, trials }) => ({
    criterion: criterion({ severity: level, kind: 'count', unit: 'count' }),
    observation: { kind: 'count', count: trials === 0 ? 0 : count, trials, examples: [] } as Observation,
  }));
const row: fc.Arbitrary<Row> = fc
  .tuple(fc.oneof(booleanRow, ratioRow, countRow), fc.boolean(), fc.integer({ min: 1, max: 9 }))
  .map(([made, isAbsent, weight]) => ({ criterion: { ...made.criterion, weight }, observation: isAbsent ? null : made.observation }));
const rows = fc
  .array(row, { minLength: 1, maxLength: 8 })
  .map((made) => made.map((one, i) => ({ ...one, criterion: { ...one.criterion, id: `c${i}` } })));

function decide(given: readonly Row[]): Decision {
  const criteria = given.map((one) => one.criterion);
  const reports = given.flatMap((one): readonly Reported[] => (one.observation === null ? [] : [measured(one.criterion, one.observation)]));
  const complete = reconcile(criteria, reports);
  return aggregate(
    criteria,
    criteria.map((one) => evaluate(one, complete.get(one.id) ?? notRun(one))),
  );
}

/** Any states at all, also those that the rows above rarely reach. */
const judged = fc
  .array(fc.record({ severity, state: fc.constantFrom(...CRITERION_STATES), weight: fc.integer({ min: 1, max: 99 }).map((n) => n / 10) }), {
    minLength: 1,
    maxLength: 8,
  })
  .map((made) => made.map((one, i) => ({ ...one, id: `c${i}` })));
type Judgements = typeof judged extends fc.Arbitrary<infer T> ? T : never;

function conclude(given: Judgements): Decision {
  const results = given.map(({ id, state, severity: level }): CriterionResult => {
    const figures = { value: null, interval: null, samples: 1, deff: 1, flaky: false, blockedBy: null, reason: state };
    return { id, state, effect: effectOf(level, state), ...figures };
  });
  return aggregate(
    given.map(({ id, severity: level, weight }) => criterion({ id, severity: level, weight })),
    results,
  );
}

describe('laws of the verdict', () => {
  it('GO means that every P0 and P1 is met or does not apply', () => {
    fc.assert(
      fc.property(judged, (given) => {
        fc.pre(conclude(given).verdict === 'GO');
        const critical = given.filter(({ severity: level }) => level === 'P0' || level === 'P1');
        expect(critical.every(({ state }) => state === 'MET' || state === 'NOT_APPLICABLE')).toBe(true);
        expect(given.some(({ state }) => state !== 'NOT_APPLICABLE')).toBe(true);
      }),
      RUNS,
    );
  });

  it('deleting evidence never gives GO', () => {
    fc.assert(
      fc.property(rows, fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }), (given, isDeleted) => {
        fc.pre(decide(given).verdict !== 'GO');
        expect(decide(given.map((one, i) => (isDeleted[i] === true ? { ...one, observation: null } : one))).verdict).not.toBe('GO');
      }),
      RUNS,
    );
  });

  it('resolving what is unknown changes neither GO nor NO_GO', () => {
    fc.assert(
      fc.property(judged, fc.array(fc.constantFrom<CriterionState>(...STATES_BUT_NA), { minLength: 8, maxLength: 8 }), (given, known) => {
        const { verdict } = conclude(given);
        fc.pre(verdict === 'GO' || verdict === 'NO_GO');
        const resolved = given.map((one, i) => ({ ...one, state: isUnknown(one.state) ? (known[i] ?? one.state) : one.state }));
        expect(conclude(resolved).verdict).toBe(verdict);
      }),
      RUNS,
    );
  });

  it('does not depend on the order of criteria and results', () => {
    fc.assert(
      fc.property(
        judged.chain((given) => fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length }))),
        ([given, shuffled]) => {
          const { verdict, score, exitCode } = conclude(given);
          const other = conclude(shuffled);
          expect({ verdict, score, exitCode }).toEqual({ verdict: other.verdict, score: other.score, exitCode: other.exitCode });
          expect(other.deciding.toSorted()).toEqual(conclude(given).deciding.toSorted());
        },
      ),
      RUNS,
    );
  });

  it('weights never change the verdict', () => {
    fc.assert(
      fc.property(judged, fc.array(fc.double(), { minLength: 8, maxLength: 8 }), (given, weights) => {
        expect(conclude(given.map((one, i) => ({ ...one, weight: weights[i] ?? 1 }))).verdict).toBe(conclude(given).verdict);
      }),
      RUNS,
    );
  });

  it('the score is one number exactly when everything is known', () => {
    fc.assert(
      fc.property(judged, (given) => {
        const { low, high, coverage } = conclude(given).score;
        expect(low === high).toBe(coverage === 1);
        expect(low >= 0 && low <= high && high <= 1 && coverage >= 0 && coverage <= 1).toBe(true);
        const isKnown = given.every(({ state }) => !isUnknown(state)) && given.some(({ state }) => state !== 'NOT_APPLICABLE');
        expect(coverage === 1).toBe(isKnown);
      }),
      RUNS,
    );
  });
});

const RANK: Partial<Record<CriterionState, number>> = { VIOLATED: 0, INCONCLUSIVE: 1, INSUFFICIENT: 1, MARGINAL: 2, MET: 3 };

describe('laws of the states', () => {
  const success = criterion({ kind: 'ratio', unit: '%', pass: '>= 95%', nogo: '< 90%' });
  const stateOf = (successes: number, trials: number): CriterionState =>
    evaluate(success, measured(success, { kind: 'ratio', successes, trials })).state;

  it('more successes never worsen', () => {
    const trials = fc.integer({ min: 1, max: 3000 });
    fc.assert(
      fc.property(
        trials.chain((n) => fc.tuple(fc.constant(n), fc.integer({ min: 0, max: n - 1 }))),
        ([n, successes]) => {
          expect(RANK[stateOf(successes + 1, n)]).toBeGreaterThanOrEqual(RANK[stateOf(successes, n)] ?? Number.NaN);
          expect(RANK[stateOf(successes + 1, n + 1)]).toBeGreaterThanOrEqual(stateOf(successes, n) === 'VIOLATED' ? 0 : 1);
        },
      ),
      RUNS,
    );
  });

  it('faster samples never worsen', () => {
    const latency = criterion({ id: 'x_p95', kind: 'quantile', unit: 'ms', pass: '< 250ms', nogo: '>= 500ms' });
    const judge = (samples: readonly number[]): number =>
      RANK[evaluate(latency, measured(latency, { kind: 'quantile', q: 0.95, unit: 'ms', windows: [samples] })).state] ?? Number.NaN;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 800 }), { minLength: 1, maxLength: 150 }),
        fc.integer({ min: 0, max: 700 }),
        (samples, cut) => {
          expect(judge(samples.map((sample) => Math.min(sample, cut)))).toBeGreaterThanOrEqual(judge(samples));
        },
      ),
      RUNS,
    );
  });

  it('no trials, no numbers and garbage are never MET and never thrown', () => {
    const bad = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const good = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 5, maxLength: 80 });
    const spoiled = fc.tuple(good, bad, fc.nat()).map(([values, one, at]) => values.with(at % values.length, one));
    const numbers = fc.oneof(spoiled, fc.constant([]));
    const trials = fc.constantFrom(0, Number.NaN, -3, 0.5, Number.POSITIVE_INFINITY);
    const garbage: fc.Arbitrary<Observation> = fc.oneof(
      fc.record({ kind: fc.constant('ratio' as const), successes: trials, trials }),
      fc.record({ kind: fc.constant('count' as const), count: trials, trials, examples: fc.constant([]) }),
      numbers.map((values) => ({ kind: 'quantile' as const, q: 0.5, unit: 'ms' as const, windows: [[], values] })),
      fc.constantFrom(0, 1, -1, Number.NaN).map((q) => ({ kind: 'quantile' as const, q, unit: 'ms' as const, windows: [[1, 2, 3, 4, 5]] })),
      numbers.map((windows) => ({ kind: 'rate' as const, unit: 'rps' as const, windows })),
      numbers.map((samples) => ({ kind: 'mean' as const, unit: '%' as const, samples })),
      numbers.map((samples) => ({ kind: 'level' as const, unit: 'mb' as const, samples, worst: 'max' as const })),
      fc.constant({ kind: 'boolean' as const, attempts: [] }),
    );
    const subjects = [
      success,
      criterion({ kind: 'count', unit: 'count', minSamples: 1 }),
      criterion({ kind: 'quantile', unit: 'ms', pass: '< 250ms', minSamples: 1 }),
      criterion({ kind: 'rate', unit: 'rps', pass: '>= 0rps', minSamples: 1 }),
      criterion({ kind: 'mean', unit: '%', pass: '>= 0%', minSamples: 1 }),
      criterion({ kind: 'level', unit: 'mb', pass: '<= 9mb' }),
      criterion(),
    ];
    fc.assert(
      fc.property(garbage, (observation) => {
        const subject = subjects.find(({ kind }) => kind === observation.kind) ?? success;
        expect(['NOT_RUN', 'ERROR']).toContain(evaluate(subject, measured(subject, observation)).state);
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it('an equal result is given for equal evidence', () => {
    fc.assert(
      fc.property(rows, (given) => {
        expect(decide(given)).toEqual(decide(structuredClone(given)));
      }),
      { numRuns: 100, seed: 1 },
    );
  });
});
