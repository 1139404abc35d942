import { describe, expect, it } from 'vitest';
import { parseThreshold } from '../model/threshold.ts';
import { Interruption } from './interruption.ts';
import { judge } from './judge.ts';
import { buildRecord, type RunFacts } from './record.ts';
import { criterionFixture, measurementFixture, planFixture } from './testing.ts';
import type { Measurement, Reported } from '../model/measurement.ts';

const facts: RunFacts = {
  startedAt: new Date(0),
  durationMs: 10,
  command: 'muster validate',
  musterVersion: '0',
  provider: 'local',
  providerReason: 'only one',
  configDigest: 'd',
  complete: true,
  interruption: null,
  harnessProblems: [],
  suiteTimes: new Map(),
  services: [],
  faults: [],
  series: [],
  distributions: [],
  loads: [],
  noise: null,
  footprint: null,
  events: [],
  environmentFacts: {},
  overhead: {},
};

const reports = (...measurements: Measurement[]): ReadonlyMap<string, Reported> =>
  new Map(measurements.map((measurement) => [measurement.criterion, { measurement }]));
const met = reports(measurementFixture('a.b.c', true));

describe('buildRecord', () => {
  it('is a GO when everything declared is met', () => {
    const record = buildRecord(planFixture([criterionFixture('a.b.c')]), met, facts);
    expect(record).toMatchObject({ verdict: 'GO', exitCode: 0, criteria: [{ id: 'a.b.c', state: 'MET' }] });
  });

  it('counts what was declared and never reported as not run', () => {
    const record = buildRecord(planFixture([criterionFixture('a.b.c'), criterionFixture('a.b.d')]), met, facts);
    expect(record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 40 });
    expect(record.criteria[1]).toMatchObject({ id: 'a.b.d', state: 'NOT_RUN' });
    expect(record.suites).toMatchObject([{ name: 'a', planned: 2, reported: 1 }]);
  });

  it('is never a GO with a result that nobody declared', () => {
    const record = buildRecord(
      planFixture([criterionFixture('a.b.c')]),
      reports(measurementFixture('a.b.c', true), measurementFixture('x.y.z', true)),
      facts,
    );
    expect(record.verdict).toBe('NOT_ASSESSED');
  });

  it('keeps the exit code of an interruption, whatever the verdict', () => {
    const record = buildRecord(planFixture([criterionFixture('a.b.c')]), met, {
      ...facts,
      complete: false,
      interruption: new Interruption('interrupted by SIGINT', 130),
    });
    expect(record.exitCode).toBe(130);
    expect(record.reason).toContain('interrupted by SIGINT');
  });

  it('never exits 0 when the harness itself failed', () => {
    const record = buildRecord(planFixture([criterionFixture('a.b.c')]), met, { ...facts, harnessProblems: ['left behind: pid 7'] });
    expect(record.exitCode).toBe(70);
    expect(record.reason).toContain('left behind: pid 7');
  });

  it('says that only a part ran', () => {
    const criteria = [criterionFixture('a.b.c'), criterionFixture('x.y.z')];
    const record = buildRecord(planFixture(criteria, { selected: ['a.b.c'], suites: ['a'] }), met, facts);
    expect(record.reason).toMatch(/^Only a ran: 1 of 2 criteria\./u);
    expect(record.verdict).toBe('NOT_ASSESSED');
  });
});

describe('judge', () => {
  const latency = criterionFixture('a.b.latency', { kind: 'level', unit: 'ms', pass: threshold('< 100ms'), nogo: threshold('>= 200ms') });
  const measurement: Measurement = {
    ...measurementFixture('a.b.latency', true),
    observation: { kind: 'level', unit: 'ms', samples: [50, 80], worst: 'max' },
  };
  const plan = planFixture([latency]);
  const stored = { plan, reported: [...reports(measurement)], record: buildRecord(plan, reports(measurement), facts) };

  it('gives the same bytes twice', () => {
    expect(JSON.stringify(judge(stored, [latency]))).toBe(JSON.stringify(judge(stored, [latency])));
  });

  it('gives the stored decision again under the stored criteria', () => {
    expect(judge(stored, plan.criteria)).toEqual(stored.record);
  });

  it('decides otherwise under stricter thresholds', () => {
    const strict = { ...latency, pass: threshold('< 10ms'), nogo: threshold('>= 20ms') };
    expect(judge(stored, [strict])).toMatchObject({ verdict: 'NO_GO', exitCode: 30 });
  });

  it('does not invent evidence for a criterion that the run did not measure', () => {
    expect(judge(stored, [latency, criterionFixture('a.b.new')])).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 40 });
  });
});

function threshold(text: string) {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new Error(parsed.problem);
  return parsed.threshold;
}
