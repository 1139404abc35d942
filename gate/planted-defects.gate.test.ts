import { describe, expect, it } from 'vitest';
import { DEFECTS } from '../services/defects/index.ts';
import { idsIn, runMuster } from './run-muster.ts';

/** A preflight failure blocks every other suite, so its run needs no second suite. */
const suitesFor = (criterion: string): string => {
  const suite = criterion.split('.')[0] ?? '';
  return suite === 'preflight' ? 'preflight' : `preflight,${suite}`;
};

describe('planted defects', () => {
  it.each(Object.entries(DEFECTS).map(([name, { violates }]) => ({ name, criterion: violates })))(
    '$name turns exactly $criterion VIOLATED and the verdict NO_GO',
    async ({ name, criterion }) => {
      const run = await runMuster(['validate', '--profile', 'quick', '--suite', suitesFor(criterion)], { MUSTER_DEFECTS: name });

      expect({ violated: idsIn(run.record, 'VIOLATED'), verdict: run.record?.verdict, exitCode: run.exitCode }, run.stderr).toEqual({
        violated: [criterion],
        verdict: 'NO_GO',
        exitCode: 30,
      });
    },
  );
});
