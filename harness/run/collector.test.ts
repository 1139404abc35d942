import { describe, expect, it } from 'vitest';
import { Collector } from './collector.ts';
import { criterionFixture, measurementFixture, planFixture, targetFixture } from './testing.ts';

function collectorFor(criteria: Parameters<typeof planFixture>[0], changes: Parameters<typeof planFixture>[1] = {}) {
  const problems: string[] = [];
  const ended: string[] = [];
  const collector = new Collector({
    plan: planFixture(criteria, changes),
    onStart: () => {},
    onEnd: (id, { state }) => ended.push(`${id} ${state}`),
    onProblem: (text) => problems.push(text),
  });
  return { collector, problems, ended };
}

const absenceOf = (collector: Collector, id: string) => {
  const reported = collector.reported().get(id);
  return reported !== undefined && 'absence' in reported ? reported.absence : null;
};

describe('Collector', () => {
  it('lets a check run when nothing stands against it', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c')]);
    expect(collector.permit('a.b.c')).toBe(true);
    expect(collector.reported().size).toBe(0);
  });

  it('refuses a check whose dependency is violated and names the root cause', () => {
    const { collector } = collectorFor([criterionFixture('preflight.x.y'), criterionFixture('a.b.c', { dependsOn: ['preflight.x.y'] })]);
    collector.measured(measurementFixture('preflight.x.y', false));
    expect(collector.permit('a.b.c')).toBe(false);
    expect(absenceOf(collector, 'a.b.c')).toMatchObject({
      kind: 'not-run',
      reason: 'blocked by preflight.x.y',
      blockedBy: 'preflight.x.y',
    });
  });

  it('does not block on a dependency that is met', () => {
    const { collector } = collectorFor([criterionFixture('preflight.x.y'), criterionFixture('a.b.c', { dependsOn: ['preflight.x.y'] })]);
    collector.measured(measurementFixture('preflight.x.y', true));
    expect(collector.permit('a.b.c')).toBe(true);
  });

  it('names the binding that a target lacks', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c', { requires: ['register', 'redis'] })], { target: targetFixture() });
    expect(collector.permit('a.b.c')).toBe(false);
    expect(absenceOf(collector, 'a.b.c')?.reason).toBe('the target has no binding `register` and no service of kind `redis`');
  });

  it('refuses a check that needs what the environment cannot do, with its reason, and does not start a suite for it', () => {
    const { collector } = collectorFor([
      criterionFixture('a.b.c', { needs: [{ capability: 'process-faults' }] }),
      criterionFixture('x.y.z'),
    ]);
    expect(collector.hasWork('a')).toBe(true);
    collector.limitedBy({ cannot: { 'process-faults': 'Nothing can be stopped.' }, services: new Map() });
    expect(collector.hasWork('a')).toBe(false);
    expect(collector.permit('a.b.c')).toBe(false);
    expect(absenceOf(collector, 'a.b.c')).toMatchObject({ kind: 'not-run', reason: 'Nothing can be stopped.', blockedBy: null });
    expect(collector.permit('x.y.z')).toBe(true);
  });

  it('keeps what was measured when the run is stopped, and gives the reason to the rest', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c'), criterionFixture('a.b.d')]);
    collector.measured(measurementFixture('a.b.c', true));
    collector.stop('interrupted by SIGINT');
    collector.closeSuite('a', { kind: 'not-run', reason: 'ended', blockedBy: null });
    expect(absenceOf(collector, 'a.b.c')).toBeNull();
    expect(absenceOf(collector, 'a.b.d')?.reason).toBe('interrupted by SIGINT');
  });

  it('turns the measurements of a spoiled suite into errors, and only those', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c'), criterionFixture('x.y.z')]);
    collector.measured(measurementFixture('a.b.c', true));
    collector.measured(measurementFixture('x.y.z', true));
    collector.spoil('a', 'unhandled rejection');
    expect(collector.reported().get('a.b.c')).toMatchObject({ measurement: { harnessFault: 'unhandled rejection' } });
    expect(collector.reported().get('x.y.z')).toMatchObject({ measurement: { harnessFault: null } });
  });

  it('hears nothing more of the checks once the run is stopped', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c')]);
    collector.stop('interrupted by SIGINT');
    collector.closeSuite('a', { kind: 'not-run', reason: 'ended', blockedBy: null });
    collector.measured(measurementFixture('a.b.c', false));
    expect(collector.isViolated('a.b.c')).toBe(false);
    expect(absenceOf(collector, 'a.b.c')?.reason).toBe('interrupted by SIGINT');
  });

  it('does not believe what was measured when what carries the services may have been gone', () => {
    const own = 'preflight.services.ready';
    const { collector, problems } = collectorFor(['a.b.before', 'a.b.after', 'a.b.open', own].map((id) => criterionFixture(id)));
    const until = (id: string, endMs: number, ok: boolean) => ({ ...measurementFixture(id, ok), window: { startMs: 0, endMs } });
    for (const measurement of [until('a.b.before', 4_000, true), until('a.b.after', 6_000, false), until(own, 6_000, true)])
      collector.measured(measurement);
    collector.lost('the engine stopped answering', 15_000);

    const faults = Object.fromEntries(
      [...collector.reported()].map(([id, reported]) => [id, 'measurement' in reported ? reported.measurement.harnessFault : 'absent']),
    );
    expect(faults).toEqual({ 'a.b.before': null, 'a.b.after': 'the engine stopped answering', [own]: null });
    expect(problems).toEqual(['the engine stopped answering']);
    expect(collector.isViolated('a.b.after')).toBe(false);
    expect(collector.permit('a.b.open')).toBe(false);
    expect(absenceOf(collector, 'a.b.open')?.reason).toBe('the engine stopped answering');
  });

  it('keeps the worse of two reports for one check', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c')]);
    collector.measured(measurementFixture('a.b.c', false));
    collector.measured(measurementFixture('a.b.c', true));
    expect(collector.isViolated('a.b.c')).toBe(true);
    expect(collector.reported().get('a.b.c')).toMatchObject({ measurement: { observation: { attempts: [{ ok: false }] } } });
  });

  it('reports a result that nobody declared as a problem and keeps it, so that it holds the verdict', () => {
    const { collector, problems } = collectorFor([criterionFixture('a.b.c')]);
    collector.measured(measurementFixture('a.b.unknown', true));
    expect(problems).toEqual(['a result for "a.b.unknown" arrived, which the plan does not declare']);
    expect([...collector.reported().keys()]).toEqual(['a.b.unknown']);
  });

  it('keeps what the selection leaves out declared, and not run', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c'), criterionFixture('a.b.d')], { selected: ['a.b.c'] });
    expect(collector.permit('a.b.d')).toBe(false);
    expect(absenceOf(collector, 'a.b.d')?.reason).toBe('not selected for this run');
    expect(collector.permit('a.b.c')).toBe(true);
  });

  it('never runs what the config declares not applicable', () => {
    const { collector } = collectorFor([criterionFixture('a.b.c', { notApplicable: 'no such feature' })]);
    expect(collector.permit('a.b.c')).toBe(false);
    collector.closeSuite('a', { kind: 'not-run', reason: 'ended', blockedBy: null });
    expect(collector.reported().size).toBe(0);
  });
});
