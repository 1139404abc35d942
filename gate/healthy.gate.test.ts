import { describe, expect, it } from 'vitest';
import { CROWDED, whileWatched } from './crowding.ts';
import { idsIn, runMuster } from './run-muster.ts';
import { ALWAYS_MET, isHarnessLate, isSlowed, isUnproven, outcomeWith } from './unproven.ts';

describe('the healthy reference services', () => {
  it('are a GO with every declared criterion MET, but for what the noise of the machine leaves unproven', async () => {
    const { value: run, othersShare } = await whileWatched(() => runMuster(['validate', '--profile', 'quick']));

    const isCrowded = othersShare > CROWDED;
    const criteria = (run.record?.criteria ?? []).filter(({ state }) => state !== 'MET');
    const excused = criteria.filter((criterion) => isUnproven(criterion) || (isCrowded && isSlowed(criterion)));
    const notMet = criteria.filter((criterion) => !excused.includes(criterion)).map(({ id, state, reason }) => ({ id, state, reason }));
    const seen = `${run.stderr}\nothers used ${Math.round(othersShare * 100)} % of the machine`;
    expect({ notMet, verdict: run.record?.verdict, exitCode: run.exitCode }, seen).toEqual({ notMet: [], ...outcomeWith(excused) });
    expect(run.record?.criteria.length).toBeGreaterThanOrEqual(40);
    expect(idsIn(run.record, 'MET').length, seen).toBeGreaterThanOrEqual(ALWAYS_MET);
    const bound = isCrowded ? criteria.length : 3;
    expect(excused.filter((criterion) => !isHarnessLate(criterion)).length, seen).toBeLessThanOrEqual(bound);
  });
});
