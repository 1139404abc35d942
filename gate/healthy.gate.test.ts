import { describe, expect, it } from 'vitest';
import { runMuster } from './run-muster.ts';

describe('the healthy reference services', () => {
  it('are a GO with every declared criterion MET', async () => {
    const run = await runMuster(['validate', '--profile', 'quick']);

    const notMet = (run.record?.criteria ?? [])
      .filter((criterion) => criterion.state !== 'MET')
      .map(({ id, state, reason }) => ({ id, state, reason }));
    expect({ notMet, verdict: run.record?.verdict, exitCode: run.exitCode }, run.stderr).toEqual({
      notMet: [],
      verdict: 'GO',
      exitCode: 0,
    });
    expect(run.record?.criteria.length).toBeGreaterThanOrEqual(30);
  });
});
