import { describe, expect, it } from 'vitest';
import { idsIn, runMuster } from './run-muster.ts';

/** A backend of another shape: one service without stores and with one binding. */
const TARGET = ['validate', '--profile', 'quick', '--target', 'gate/targets/plain.yaml'];

/** What rests on the count that its answers carry of themselves. */
const OWN_WORD = ['efficiency.tokens.drift', 'efficiency.tokens.per_operation', 'efficiency.tokens.spread'];

describe('a target written differently', () => {
  it('is measured where it can be, and never green where it cannot', async () => {
    const run = await runMuster([...TARGET, '--suite', 'preflight,lifecycle,concurrency,efficiency']);

    expect(idsIn(run.record, 'MET'), run.stderr).toEqual(
      expect.arrayContaining([
        'preflight.services.ready',
        'preflight.services.identity',
        'lifecycle.errors.no_5xx',
        'concurrency.agents.success',
      ]),
    );
    expect(idsIn(run.record, 'VIOLATED')).toEqual([]);
    expect(run.record?.criteria.find(({ id }) => id === 'lifecycle.transitions.table')).toMatchObject({
      state: 'NOT_RUN',
      reason: 'the target has no binding `transitions`',
    });
    const efficiency = (run.record?.criteria ?? []).filter(({ suite }) => suite === 'efficiency');
    const own = efficiency.filter(({ evidence }) => evidence === 'asserted');
    expect(own.map(({ id }) => id).toSorted(), run.stderr).toEqual(OWN_WORD);
    const gating = own.find(({ severity }) => severity === 'P1');
    expect(gating?.state).toBe('NOT_RUN');
    expect(gating?.reason).toContain('asserted');
    const others = efficiency.filter((criterion) => !own.includes(criterion));
    expect(
      others.filter(({ state, reason }) => state !== 'NOT_RUN' || !/no binding `(?:execute|meter|economy|cache)/u.test(reason)),
    ).toEqual([]);
    expect({ verdict: run.record?.verdict, exitCode: run.exitCode }).toEqual({ verdict: 'NOT_ASSESSED', exitCode: 40 });
  });

  it.concurrent('that never gets ready is a finding, with what was seen last', async () => {
    const run = await runMuster([...TARGET, '--suite', 'preflight'], { PLAIN_MODE: 'never-ready', PLAIN_WITHIN: '2s' });

    expect(idsIn(run.record, 'VIOLATED'), run.stderr).toEqual(['preflight.services.ready']);
    expect(run.record?.criteria.find(({ id }) => id === 'preflight.services.ready')?.reason).toMatch(/503.*warming up/u);
    expect({ verdict: run.record?.verdict, exitCode: run.exitCode }).toEqual({ verdict: 'NO_GO', exitCode: 30 });
  });

  it.concurrent('that dies in the middle is a finding under its own criterion, and the rest is blocked by it', async () => {
    const run = await runMuster([...TARGET, '--suite', 'preflight,concurrency,benchmark'], { PLAIN_MODE: 'dies' });

    expect(idsIn(run.record, 'VIOLATED'), run.stderr).toContain('preflight.services.stay_up');
    expect(run.record?.criteria.find(({ id }) => id === 'preflight.services.stay_up')?.reason).toContain('exited with code 7');
    expect(run.record?.criteria.find(({ id }) => id === 'benchmark.success')).toMatchObject({
      state: 'NOT_RUN',
      blockedBy: 'preflight.services.stay_up',
    });
    expect(run.exitCode).toBe(30);
  });

  it.concurrent.each([
    { mode: 'resets', criterion: 'concurrency.agents.success' },
    { mode: 'lies', criterion: 'concurrency.agents.crosstalk' },
  ])('that $mode violates $criterion and no error of ours is reported', async ({ mode, criterion }) => {
    const run = await runMuster([...TARGET, '--suite', 'preflight,concurrency'], { PLAIN_MODE: mode });

    expect(idsIn(run.record, 'VIOLATED'), run.stderr).toContain(criterion);
    expect(idsIn(run.record, 'ERROR')).toEqual([]);
    expect(run.exitCode).toBe(30);
  });
});
