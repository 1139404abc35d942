import { describe, expect, it } from 'vitest';
import type { Defect } from '../services/defects/defect.ts';
import { DEFECTS } from '../services/defects/index.ts';
import { DECLARED, SUITES } from '../suites/support/declared.ts';
import { CROWDED, whileWatched } from './crowding.ts';
import { runMuster } from './run-muster.ts';
import { isSlowed } from './unproven.ts';

/** A preflight failure blocks every other suite, so its run needs no second suite, unless it comes while that one works. */
const suitesFor = ({ violates, shownBy }: Defect): string => {
  const suite = shownBy ?? violates.split('.')[0] ?? '';
  return suite === 'preflight' ? 'preflight' : `preflight,${suite}`;
};

const declared = new Set(DECLARED.map(({ id }) => id));
const rows = Object.entries(DEFECTS).map(([name, defect]) => ({ name, criterion: defect.violates, ...defect }));
/** The suites do not have every criterion yet that a defect is made for; those defects are proven by their effect alone. */
const judged = rows.filter(({ criterion, needs }) => declared.has(criterion) && needs === undefined);

/** What these suites judge is how long things take: each of their runs has the machine for itself. The others mostly wait, two at a time. */
const TIMED: readonly string[] = ['benchmark'];
const isTimed = (defect: Defect): boolean =>
  suitesFor(defect)
    .split(',')
    .some((suite) => TIMED.includes(suite));

type Row = (typeof rows)[number];

async function turnsExactly({ name, criterion, ...defect }: Row): Promise<void> {
  const args = ['validate', '--profile', 'quick', '--suite', suitesFor(defect)];
  const { value: run, othersShare } = await whileWatched(() => runMuster(args, { MUSTER_DEFECTS: name }));

  const isCrowded = isTimed(defect) && othersShare > CROWDED;
  const criteria = (run.record?.criteria ?? []).filter(({ id, state }) => state === 'VIOLATED' || id === criterion);
  const violated = criteria
    .filter((found) => found.id === criterion || !(isCrowded && isSlowed(found)))
    .map(({ id, state }) => `${id} ${state}`);
  expect({ violated, verdict: run.record?.verdict, exitCode: run.exitCode }, run.stderr).toEqual({
    violated: [`${criterion} VIOLATED`],
    verdict: 'NO_GO',
    exitCode: 30,
  });
}

describe('planted defects', () => {
  it('are made for criteria of suites that exist or are named in the design, and stay clear of criteria that exist', () => {
    const suites: readonly string[] = [...SUITES, 'security'];
    expect(rows.filter(({ criterion }) => !suites.includes(criterion.split('.')[0] ?? ''))).toEqual([]);
    expect(rows.flatMap(({ mustStayMet }) => mustStayMet).filter((id) => !declared.has(id))).toEqual([]);
    expect(judged.length).toBeGreaterThan(0);
  });

  it.each(judged.filter(isTimed))('$name turns exactly $criterion VIOLATED and the verdict NO_GO', turnsExactly);
  it.concurrent.each(judged.filter((row) => !isTimed(row)))('$name turns exactly $criterion VIOLATED and the verdict NO_GO', turnsExactly);
});
