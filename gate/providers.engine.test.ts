import { beforeAll, describe, expect, it } from 'vitest';
import { DECLARED, SUITES } from '../suites/support/declared.ts';
import { type MusterRun, runMuster } from './run-muster.ts';
import { ALWAYS_MET, isUnproven, outcomeWith } from './unproven.ts';

/** How fast the services are is judged once in containers: in compose they are the same images with the same limits. */
const PACE = 'benchmark';

const SUITES_OF: Readonly<Record<string, readonly string[]>> = {
  containers: SUITES,
  compose: SUITES.filter((suite) => suite !== PACE),
};
const PROVIDERS = Object.keys(SUITES_OF);
const runs = new Map<string, MusterRun>();

/** What was judged with this provider, and by which criteria it had to be. */
function judgedWith(name: string) {
  const suites = SUITES_OF[name] ?? [];
  const run = runs.get(name);
  return {
    run,
    criteria: (run?.record?.criteria ?? []).filter(({ suite }) => suites.includes(suite)),
    asked: DECLARED.filter(({ suite, profiles }) => suites.includes(suite) && profiles.includes('quick')),
  };
}

/** The provider local, of which healthy.gate.test.ts shows the same, is not run once more. */
describe('the healthy reference services', () => {
  beforeAll(async () => {
    for (const [name, suites] of Object.entries(SUITES_OF))
      runs.set(name, await runMuster(['validate', '--profile', 'quick', '--provider', name, '--suite', suites.join(',')]));
  }, 600_000);

  it.each(PROVIDERS)('with the provider %s have every criterion MET, but for what noise leaves unproven', (name) => {
    const { run, criteria, asked } = judgedWith(name);
    const notMet = criteria.filter((criterion) => criterion.state !== 'MET' && !isUnproven(criterion));
    expect(
      notMet.map(({ id, state, reason }) => ({ id, state, reason })),
      run?.stderr,
    ).toEqual([]);
    expect(criteria.map(({ id }) => id).toSorted(), run?.stderr).toEqual(asked.map(({ id }) => id).toSorted());
    expect(criteria.filter(({ state }) => state === 'MET').length, run?.stderr).toBeGreaterThanOrEqual(ALWAYS_MET);
    expect(run?.record?.run.provider).toBe(name);
  });

  it('with the provider containers are a GO, and without a suite nothing is decided', () => {
    const { criteria } = judgedWith('containers');
    const { verdict } = outcomeWith(criteria.filter(isUnproven));
    const verdicts = PROVIDERS.map((name) => runs.get(name)?.record?.verdict);
    expect(verdicts, runs.get('containers')?.stderr).toEqual([verdict, 'NOT_ASSESSED']);
  });
});
