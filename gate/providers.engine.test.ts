import { beforeAll, describe, expect, it } from 'vitest';
import { idsIn, type MusterRun, runMuster } from './run-muster.ts';
import { ALWAYS_MET, isUnproven, outcomeWith, QUICK } from './unproven.ts';

const NAMES = ['local', 'containers', 'compose'] as const;
const runs = new Map<string, MusterRun>();

/** Criterion → state; what the noise of the machine leaves unproven counts as the state it would have on a quiet one. */
function statesOf(name: string): Readonly<Record<string, string>> {
  const criteria = runs.get(name)?.record?.criteria ?? [];
  return Object.fromEntries(criteria.map((criterion) => [criterion.id, isUnproven(criterion) ? 'MET' : criterion.state]));
}

describe('the healthy reference services', () => {
  beforeAll(async () => {
    for (const name of NAMES) runs.set(name, await runMuster(['validate', '--profile', 'quick', '--provider', name]));
  }, 600_000);

  it.each(NAMES)('with the provider %s are a GO, but for what noise leaves unproven', (name) => {
    const run = runs.get(name);
    const criteria = run?.record?.criteria ?? [];
    const notMet = criteria.filter((criterion) => criterion.state !== 'MET' && !isUnproven(criterion));
    const { verdict } = outcomeWith(criteria.filter(isUnproven));
    expect({ notMet: notMet.map(({ id, state, reason }) => ({ id, state, reason })), verdict: run?.record?.verdict }, run?.stderr).toEqual({
      notMet: [],
      verdict,
    });
    expect(idsIn(run?.record ?? null, 'MET').length, run?.stderr).toBeGreaterThanOrEqual(ALWAYS_MET);
    expect(run?.record?.run.provider).toBe(name);
  });

  it.each(['containers', 'compose'])('are judged alike by local and %s: the same criteria in the same states', (name) => {
    expect(Object.keys(statesOf('local'))).toHaveLength(QUICK);
    expect(statesOf(name)).toEqual(statesOf('local'));
  });
});
