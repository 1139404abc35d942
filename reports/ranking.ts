import type { RecordCriterion, RunRecord } from '../harness/model/record.ts';
import { CRITERION_STATES, EFFECTS, SEVERITIES } from '../harness/model/state.ts';
import type { CriterionState } from '../harness/model/state.ts';
import { STATE_WORDS } from './format.ts';

/** States in which nobody knows whether the claim holds. */
const UNKNOWN_STATES: ReadonlySet<CriterionState> = new Set(['INCONCLUSIVE', 'INSUFFICIENT', 'ERROR', 'NOT_RUN']);

export function isUnknown(state: CriterionState): boolean {
  return UNKNOWN_STATES.has(state);
}

export function isOpen(criterion: RecordCriterion): boolean {
  return criterion.state !== 'MET' && criterion.state !== 'NOT_APPLICABLE';
}

const STATE_RANK: Record<CriterionState, number> = {
  VIOLATED: 0,
  ERROR: 1,
  INCONCLUSIVE: 2,
  INSUFFICIENT: 3,
  MARGINAL: 4,
  NOT_RUN: 5,
  MET: 6,
  NOT_APPLICABLE: 7,
};

/** What decides comes first: by effect, then causes before what they block, then severity, state and id. */
export function worstFirst(criteria: readonly RecordCriterion[]): readonly RecordCriterion[] {
  const key = (c: RecordCriterion): readonly number[] => [
    -EFFECTS.indexOf(c.effect),
    c.blockedBy === null ? 0 : 1,
    SEVERITIES.indexOf(c.severity),
    STATE_RANK[c.state],
  ];
  return criteria
    .map((criterion) => ({ criterion, rank: key(criterion) }))
    .toSorted((a, b) => compareRanks(a.rank, b.rank) || compareText(a.criterion.id, b.criterion.id))
    .map(({ criterion }) => criterion);
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at]);
  return index === -1 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export interface RootCause {
  /** Id of the criterion that failed first. */
  readonly id: string;
  /** null when the record names a cause that is not among its criteria. */
  readonly criterion: RecordCriterion | null;
  /** Ids of everything it blocked, directly or through others. */
  readonly blocked: readonly string[];
}

/** Failures that kept other checks from running, the one that blocked most first. */
export function rootCauses(criteria: readonly RecordCriterion[]): readonly RootCause[] {
  const byId = new Map(criteria.map((criterion) => [criterion.id, criterion]));
  const blocked = new Map<string, string[]>();
  for (const criterion of criteria) {
    if (criterion.blockedBy === null) continue;
    const root = rootOf(criterion.blockedBy, byId);
    blocked.set(root, [...(blocked.get(root) ?? []), criterion.id]);
  }
  return [...blocked]
    .map(([id, ids]) => ({ id, criterion: byId.get(id) ?? null, blocked: ids.toSorted(compareText) }))
    .toSorted((a, b) => b.blocked.length - a.blocked.length || compareText(a.id, b.id));
}

function rootOf(id: string, byId: ReadonlyMap<string, RecordCriterion>): string {
  const seen = new Set<string>();
  let current = id;
  for (;;) {
    seen.add(current);
    const next = byId.get(current)?.blockedBy ?? null;
    if (next === null || seen.has(next)) return current;
    current = next;
  }
}

export interface StateCount {
  readonly state: CriterionState;
  readonly count: number;
}

/** States that occur, in the model's order; `always` ones also when their count is 0. */
export function countStates(criteria: readonly RecordCriterion[], always: readonly CriterionState[] = []): readonly StateCount[] {
  return CRITERION_STATES.map((state) => ({ state, count: criteria.filter((c) => c.state === state).length })).filter(
    ({ state, count }) => count > 0 || always.includes(state),
  );
}

/** `12 met, 1 violated, 3 not run`. */
export function countsLine(criteria: readonly RecordCriterion[]): string {
  return countStates(criteria, ['MET', 'VIOLATED'])
    .map(({ state, count }) => `${count} ${STATE_WORDS[state]}`)
    .join(', ');
}

/** Owners of what stands between this record and a GO, worst first. */
export function whoMustAct(record: RunRecord): readonly string[] {
  const decisive = worstFirst(record.criteria).filter((c) => c.effect !== 'ok' && c.effect !== 'note' && c.blockedBy === null);
  return [...new Set(decisive.map((c) => c.owner))];
}

/** Suites in the order they ran, then those that only criteria name. */
export function suiteNames(record: RunRecord): readonly string[] {
  return [...new Set([...record.suites.map((suite) => suite.name), ...record.criteria.map((criterion) => criterion.suite)])];
}
