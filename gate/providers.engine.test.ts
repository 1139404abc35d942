import { describe, expect, it } from 'vitest';
import { DECLARED, SUITES } from '../suites/support/declared.ts';
import { runMuster } from './run-muster.ts';
import { ALWAYS_MET, inOneLine, isUnproven, outcomeWith } from './unproven.ts';

/** How fast the services are is judged once in containers: in compose they are the same images with the same limits. */
const PACE = 'benchmark';

const SUITES_OF: Readonly<Record<string, readonly string[]>> = {
  containers: SUITES,
  compose: SUITES.filter((suite) => suite !== PACE),
};

/** What the verdict must be with this provider, by the criteria that noise left unproven: without a suite nothing is decided. */
const END_OF: Readonly<Record<string, typeof outcomeWith>> = {
  containers: outcomeWith,
  compose: () => ({ verdict: 'NOT_ASSESSED', exitCode: 40 }),
};

/** The provider local, of which healthy.gate.test.ts shows the same, is not run once more. */
describe('the healthy reference services', () => {
  it.each(Object.entries(SUITES_OF))(
    'with the provider %s have every criterion MET, but for what noise leaves unproven',
    async (name, suites) => {
      const run = await runMuster(['validate', '--profile', 'quick', '--provider', name, '--suite', suites.join(',')]);

      const asked = DECLARED.filter(({ suite, profiles }) => suites.includes(suite) && profiles.includes('quick'));
      const criteria = (run.record?.criteria ?? []).filter(({ suite }) => suites.includes(suite));
      const notMet = criteria.filter(({ state }) => state !== 'MET');
      const excused = notMet.filter(isUnproven);
      const seen = inOneLine(notMet, run);
      expect(
        notMet.filter((criterion) => !excused.includes(criterion)).map(({ id, state }) => `${id} ${state}`),
        seen,
      ).toEqual([]);
      expect(criteria.map(({ id }) => id).toSorted(), seen).toEqual(asked.map(({ id }) => id).toSorted());
      expect(criteria.length - notMet.length, seen).toBeGreaterThanOrEqual(ALWAYS_MET);
      expect({ verdict: run.record?.verdict, exitCode: run.exitCode }, seen).toEqual(END_OF[name]?.(excused));
      expect(run.record?.run.provider).toBe(name);
    },
  );
});
