import type { RecordCriterion } from '../harness/model/record.ts';
import type { Defect } from '../services/defects/defect.ts';
import { DECLARED } from '../suites/support/declared.ts';
import { type MusterRun, runMuster } from './run-muster.ts';
import type { Turns } from './turns.ts';
import { isHarnessFault, isUnproven } from './unproven.ts';

/** A defect by its name. */
export type Row = Defect & { readonly name: string };

/** Defects that are planted in one run: each turns its own criterion red, and nothing else does. */
export interface Group {
  readonly name: string;
  readonly members: readonly Row[];
}

/** What a run with planted defects showed. Criteria as `id STATE: reason` where they are not as they must be. */
export interface Shown {
  /** Defects that nobody saw. */
  readonly unseen: readonly string[];
  /** Criteria that are red for no defect of theirs. */
  readonly besides: readonly string[];
  /** Criteria near by that must stay met, and were neither that nor left open by a measurement. */
  readonly unmet: readonly string[];
  readonly verdict: string | undefined;
  readonly exitCode: number | null;
}

/** With everything of the suites that a defect is shown in, not only with what must stay met beside it: slower by half. */
const WHOLE = process.env['MUSTER_PLANTED'] === 'whole';
/** What noise spoils is repeated with the machine for itself; a machine that others keep busy all the time proves nothing. */
const ATTEMPTS = 3;
/** Others disturbed this share of a run, or more. */
const CROWDED = 0.1;

const severities = new Map(DECLARED.map(({ id, severity }) => [id, severity]));

/** A preflight failure blocks every other suite, so its run needs no second suite, unless it comes while that one works. */
export function suitesFor({ violates, shownBy }: Defect): readonly string[] {
  const suite = shownBy ?? suiteOf(violates);
  return suite === 'preflight' ? ['preflight'] : ['preflight', suite];
}

/** Runs the suites with the group planted, once more and alone while Muster itself does not believe what it measured of them. */
export async function showsIn(group: Group, turns: Turns): Promise<MusterRun> {
  const args = ['validate', '--profile', 'quick', ...selection(group)];
  const once = (): Promise<MusterRun> => runMuster(args, { MUSTER_DEFECTS: group.members.map(({ name }) => name).join(',') });
  let run = await turns.beside(once);
  for (let attempt = 1; attempt < ATTEMPTS && isSpoiled(group, run); attempt += 1) run = await turns.alone(once);
  return run;
}

function selection({ members }: Group): readonly string[] {
  const suites = [...new Set(members.flatMap(suitesFor))];
  if (WHOLE) return ['--suite', suites.join(',')];
  const near = members.flatMap(({ violates, mustStayMet }) => [violates, ...mustStayMet]);
  const chosen = [...new Set(near.filter((id) => suites.includes(suiteOf(id))))];
  // The suite whose work brings it out is needed as a whole.
  const workedIn = members.flatMap(({ shownBy }) => shownBy ?? []);
  return ['--only', [...chosen, ...workedIn].join(',')];
}

/** Of the group's own criteria those that Muster could not judge because others kept it from the processors, each time. */
export function unbelievedIn(group: Group, run: MusterRun): readonly string[] {
  return ownOf(group, run)
    .filter((criterion) => isCrowdedOut(criterion, run))
    .map(({ id }) => id);
}

/** A generator that is late on a quiet machine is a mistake of ours. */
function isCrowdedOut(criterion: RecordCriterion, { record }: MusterRun): boolean {
  if (!isHarnessFault(criterion)) return false;
  return /other processes used|disk of this machine/u.test(criterion.reason) || (record?.noise?.disturbedShare ?? 0) >= CROWDED;
}

function isSpoiled(group: Group, run: MusterRun): boolean {
  return ownOf(group, run).some(isUnproven);
}

/** What there is to hold against a run: nothing when every defect of the group was seen under its own criterion, and nothing else. */
export function shownIn(group: Group, run: MusterRun): Shown {
  const ids = group.members.map(({ violates }) => violates);
  const criteria = run.record?.criteria ?? [];
  const own = ownOf(group, run);
  const near = new Set(group.members.flatMap(({ mustStayMet }) => mustStayMet));
  const told = ({ id, state, reason }: RecordCriterion): string => `${id} ${state}: ${reason}`;
  return {
    unseen: [
      ...ids.filter((id) => !own.some((criterion) => criterion.id === id)),
      ...own.filter((criterion) => criterion.state !== 'VIOLATED' && !isCrowdedOut(criterion, run)).map(told),
    ],
    besides: criteria.filter(({ id, state }) => state === 'VIOLATED' && !ids.includes(id)).map(told),
    unmet: criteria
      .filter(({ id, state, reason }) => near.has(id) && !(state === 'NOT_RUN' && reason === 'not selected for this run'))
      // What waits for the very criterion that turned red is not to be had in the same run.
      .filter(({ blockedBy }) => blockedBy === null || !ids.includes(blockedBy))
      .filter((criterion) => !['MET', 'INCONCLUSIVE', 'VIOLATED'].includes(criterion.state) && !isUnproven(criterion))
      .map(told),
    verdict: run.record?.verdict,
    exitCode: run.exitCode,
  };
}

/** What it must be. A red P0 or P1 is a NO_GO; beside lesser ones it is what did not run that leaves the decision open. */
export function expectedOf(group: Group, run: MusterRun): Shown {
  const red = ownOf(group, run).filter(({ state }) => state === 'VIOLATED');
  const isNoGo = red.some(({ id }) => ['P0', 'P1'].includes(severities.get(id) ?? ''));
  const end = isNoGo ? { verdict: 'NO_GO', exitCode: 30 } : { verdict: 'NOT_ASSESSED', exitCode: 40 };
  return { unseen: [], besides: [], unmet: [], ...end };
}

/** In one line, what is wrong first: the rest of a message may be cut off. */
export function inOneLine({ unseen, besides, unmet, verdict }: Shown, { stderr }: MusterRun): string {
  const parts = [
    ...named('not seen', unseen),
    ...named('red besides', besides),
    ...named('not met', unmet),
    `verdict ${verdict ?? 'none'}`,
  ];
  return `${parts.join('; ')}\n${stderr}`;
}

function named(what: string, found: readonly string[]): readonly string[] {
  return found.length === 0 ? [] : [`${what}: ${found.join(' | ')}`];
}

function ownOf({ members }: Group, { record }: MusterRun): readonly RecordCriterion[] {
  return (record?.criteria ?? []).filter(({ id }) => members.some(({ violates }) => violates === id));
}

function suiteOf(id: string): string {
  return id.split('.')[0] ?? '';
}
