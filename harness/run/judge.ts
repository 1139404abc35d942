import type { StoredEvidence } from '../evidence/run-folder.ts';
import type { Criterion } from '../model/criterion.ts';
import type { RunRecord } from '../model/record.ts';
import { decide } from './decide.ts';

/**
 * Judges a stored run again, with other criteria, without touching the target. A pure function of its arguments:
 * the same evidence and criteria give the same record. Criteria that the run never measured come out as NOT_RUN;
 * a run that was cut short keeps its exit code, whatever is decided about what it measured.
 */
export function judge(stored: StoredEvidence, criteria: readonly Criterion[]): RunRecord {
  const decided = decide({ ...stored.plan, criteria }, new Map(stored.reported));
  return { ...stored.record, ...decided, exitCode: stored.record.run.complete ? decided.exitCode : stored.record.exitCode };
}
