import { describe, expect, it } from 'vitest';
import type { Defect } from '../services/defects/defect.ts';
import type { RecordCriterion } from '../harness/model/record.ts';
import { DEFECTS } from '../services/defects/index.ts';
import { DECLARED, SUITES } from '../suites/support/declared.ts';
import { idsIn, type MusterRun, runMuster } from './run-muster.ts';
import { isHarnessFault, isUnproven } from './unproven.ts';

/** A preflight failure blocks every other suite, so its run needs no second suite, unless it comes while that one works. */
const suitesFor = ({ violates, shownBy }: Defect): string => {
  const suite = shownBy ?? violates.split('.')[0] ?? '';
  return suite === 'preflight' ? 'preflight' : `preflight,${suite}`;
};

const declared = new Map(DECLARED.map(({ id, severity }) => [id, severity]));

const rows = Object.entries(DEFECTS).map(([name, defect]) => ({ name, criterion: defect.violates, ...defect }));
/**
 * The suites do not have every criterion yet that a defect is made for; those defects are proven by their effect alone. So are those that
 * show only in the profile full or soak, whose runs take too long to be made for every change: here they are never planted, and the README of
 * the defects says how one is by hand.
 */
const judged = rows.filter(
  ({ criterion, needs, profile, together }) =>
    declared.has(criterion) && needs === undefined && profile === undefined && together === undefined,
);
/** Those that are planted together, by the name of their group. */
const groups = [...new Set(rows.flatMap(({ together }) => together ?? []))].map((name) => ({
  name,
  members: rows.filter(({ together }) => together === name),
}));

/** What these suites judge is how long things take: each of their runs has the machine for itself. The others mostly wait, two at a time. */
const TIMED: readonly string[] = ['benchmark'];
const isTimed = (defect: Defect): boolean =>
  suitesFor(defect)
    .split(',')
    .some((suite) => TIMED.includes(suite));

const areTimed = ({ members }: (typeof groups)[number]): boolean => members.some(isTimed);

type Row = (typeof rows)[number];

async function turnsExactly({ name, criterion, ...defect }: Row): Promise<void> {
  const args = ['validate', '--profile', 'quick', '--suite', suitesFor(defect)];
  const run = await planted(args, name, [criterion]);

  const criteria = (run.record?.criteria ?? []).filter(({ id, state }) => state === 'VIOLATED' || id === criterion);
  const violated = criteria.map(({ id, state }) => `${id} ${state}`);
  const unmet = notMetOf([{ name, criterion, ...defect }], run);
  expect({ violated, unmet, verdict: run.record?.verdict, exitCode: run.exitCode }, toldBy(run, [criterion])).toEqual({
    violated: [`${criterion} VIOLATED`],
    unmet: [],
    ...endingWith(criterion),
  });
}

/** Once more when others had so much of the machine that Muster itself did not believe what it measured of these criteria. */
async function planted(args: readonly string[], defects: string, criteria: readonly string[]): Promise<MusterRun> {
  const run = await runMuster(args, { MUSTER_DEFECTS: defects });
  const isSpoiled = run.record?.criteria.some((found) => criteria.includes(found.id) && isHarnessFault(found)) ?? false;
  return isSpoiled ? runMuster(args, { MUSTER_DEFECTS: defects }) : run;
}

/**
 * Of what must stay met, in the suites that ran: whatever was neither proven nor left open by a measurement. What waits for the very criterion
 * that turned red is not to be had in the same run.
 */
function notMetOf(members: readonly Row[], { record }: MusterRun): readonly Pick<RecordCriterion, 'id' | 'state' | 'reason'>[] {
  const near = new Set(members.flatMap(({ mustStayMet }) => mustStayMet));
  const suites = new Set(members.flatMap((row) => suitesFor(row).split(',')));
  const red = members.map(({ criterion }) => criterion);
  return (record?.criteria ?? [])
    .filter(({ id, suite }) => near.has(id) && suites.has(suite))
    .filter(({ blockedBy }) => blockedBy === null || !red.includes(blockedBy))
    .filter((criterion) => !['MET', 'INCONCLUSIVE'].includes(criterion.state) && !isUnproven(criterion))
    .map(({ id, state, reason }) => ({ id, state, reason }));
}

/** In one line what was found of these criteria and what turned red besides: the rest of a message may be cut off. */
function toldBy({ record, stderr }: MusterRun, criteria: readonly string[]): string {
  const told = (record?.criteria ?? []).filter(({ id, state }) => criteria.includes(id) || state === 'VIOLATED');
  return `${told.map(({ id, state, reason }) => `${id} ${state}: ${reason}`).join(' | ')}\n${stderr}`;
}

/** A red P0 or P1 is a NO_GO. Beside lesser ones it is the suites that did not run that leave the decision open. */
function endingWith(...criteria: readonly string[]): { readonly verdict: string; readonly exitCode: number } {
  const isNoGo = criteria.some((id) => ['P0', 'P1'].includes(declared.get(id) ?? ''));
  return isNoGo ? { verdict: 'NO_GO', exitCode: 30 } : { verdict: 'NOT_ASSESSED', exitCode: 40 };
}

/** One run for all: each defect has its own criterion, so that each is still found by exactly one. */
async function turnExactly({ members }: (typeof groups)[number]): Promise<void> {
  const suites = [...new Set(members.flatMap((member) => suitesFor(member).split(',')))].join(',');
  const expected = members.map(({ criterion }) => criterion);
  const names = members.map(({ name }) => name).join(',');
  const run = await planted(['validate', '--profile', 'quick', '--suite', suites], names, expected);

  const violated = idsIn(run.record, 'VIOLATED');
  const unmet = notMetOf(members, run);
  const found = { violated: violated.toSorted(), unmet, verdict: run.record?.verdict, exitCode: run.exitCode };
  expect(found, toldBy(run, expected)).toEqual({
    violated: expected.toSorted(),
    unmet: [],
    ...endingWith(...expected),
  });
}

describe('planted defects', () => {
  it('are made for criteria of suites that exist or are named in the design, and stay clear of criteria that exist', () => {
    const suites: readonly string[] = [...SUITES, 'security'];
    expect(rows.filter(({ criterion }) => !suites.includes(criterion.split('.')[0] ?? ''))).toEqual([]);
    expect(rows.flatMap(({ mustStayMet }) => mustStayMet).filter((id) => !declared.has(id))).toEqual([]);
    expect(judged.length).toBeGreaterThan(0);
  });

  it.each(judged.filter(isTimed))('$name turns exactly $criterion VIOLATED', turnsExactly);
  it.each(groups.filter(areTimed))('$name: those that are planted together turn exactly their own criteria VIOLATED', turnExactly);
  it.concurrent.each(groups.filter((group) => !areTimed(group)))(
    '$name: those that are planted together turn exactly their own criteria VIOLATED',
    turnExactly,
  );
  it.concurrent.each(judged.filter((row) => !isTimed(row)))('$name turns exactly $criterion VIOLATED', turnsExactly);
});
