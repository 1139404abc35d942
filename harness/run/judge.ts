import { aggregate, evaluate, planFor, reconcile } from '../decision/index.ts';
import type { Criterion } from '../model/criterion.ts';
import type { StoredEvidence } from '../evidence/run-folder.ts';
import type { RunRecord } from '../model/record.ts';
import { criterionRow } from './record.ts';

/**
 * Judges a stored run again, with other criteria, without touching the target. A pure function of its arguments:
 * the same evidence and criteria give the same record. Criteria that the run never measured come out as NOT_RUN.
 */
export function judge(stored: StoredEvidence, criteria: readonly Criterion[]): RunRecord {
  const plan = { ...stored.plan, criteria };
  const reported = reconcile(criteria, new Map(stored.reported));
  const results = criteria.map((criterion) => evaluate(criterion, reported.get(criterion.id) ?? { absence: absent(criterion.id) }));
  const decision = aggregate(criteria, results);
  return {
    ...stored.record,
    verdict: decision.verdict,
    exitCode: stored.record.run.complete ? decision.exitCode : stored.record.exitCode,
    reason: decision.reason,
    score: decision.score,
    criteria: results.flatMap((result, index) => {
      const criterion = criteria[index];
      return criterion === undefined ? [] : [criterionRow(plan, criterion, result, reported.get(criterion.id))];
    }),
    plan: planFor(decision.verdict, results, criteria),
  };
}

function absent(criterion: string): { criterion: string; kind: 'not-run'; reason: string; blockedBy: null } {
  return { criterion, kind: 'not-run', reason: 'the stored run did not measure it', blockedBy: null };
}
