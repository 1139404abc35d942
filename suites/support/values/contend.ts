import {
  closedLoop,
  type Answer,
  type HistoryRecorder,
  type HttpTemplate,
  NotMeasured,
  type Outcome,
  type OperationOutcome,
  type Recorded,
  type Seen,
  type SuiteRun,
  textIn,
  type ValueMaker,
} from '../../../harness/index.ts';
import { loopFault } from '../loop-fault.ts';
import { lookUntil } from '../until.ts';

/** With fewer there is nothing to contend. */
const FEWEST_AGENTS = 8;
/** Of ten operations so many are reads. */
const READS_OF_TEN = 3;
/** What was acknowledged must show within this time after the last change; every look is part of the history. */
const SETTLE_MS = 3_000;
const TIMEOUT_MS = 10_000;
/** Who looks before and after the others. */
export const OBSERVER = -1;

/** What is changed and read: with all that a request of it can name. */
export interface Owner {
  readonly workspace: string;
  readonly name: string;
  readonly id: string;
}

export interface ValueHistory<A> {
  readonly operations: readonly Recorded<A>[];
  /** Our own, if any. */
  readonly fault: string | null;
}

export interface Contention<A> {
  readonly recorder: HistoryRecorder<A>;
  /** Changes in all. */
  readonly changes: number;
  /** @param at the how manyth of all operations. */
  readonly change: (at: number, signal: AbortSignal) => Promise<Seen<A>>;
  readonly read: (at: number, signal: AbortSignal) => Promise<Seen<A>>;
}

/** Many agents change and read at the same time. Resolves with a fault of ours, if any. */
export async function contend<A>(run: SuiteRun, { recorder, changes, change, read }: Contention<A>): Promise<string | null> {
  const agents = Math.max(FEWEST_AGENTS, run.spec.workload.agents);
  const result = await closedLoop({
    agents,
    perAgent: Math.ceil(changes / (1 - READS_OF_TEN / 10) / agents),
    timeoutMs: TIMEOUT_MS,
    signal: run.signal,
    action: async ({ index, agent }, signal) => {
      // Agents are out of step, so that some read while others change.
      const reads = (Math.floor(index / agents) * 7 + agent * 3) % 10 < READS_OF_TEN;
      const { outcome } = await recorder.record(agent, () => (reads ? read : change)(index, signal));
      return { outcome: outcome === 'ok' ? 'ok' : 'unknown' };
    },
  });
  return loopFault(result);
}

/** Reads that were answered while others changed the value: without them nobody has seen what shows in between. */
export function readsBeside(operations: readonly Recorded<{ readonly kind: string }>[]): number {
  return operations.filter(({ session, outcome, action }) => session !== OBSERVER && outcome === 'ok' && action.kind === 'read').length;
}

/** Looks until `done`, a little longer than what is read may be old: what is only late is stale, what never comes is lost. */
export function settled<T>(
  run: SuiteRun,
  look: () => Promise<T>,
  until: { readonly done: (seen: T) => boolean; readonly stalenessMs: number },
): Promise<T> {
  return lookUntil(look, until.done, { withinMs: SETTLE_MS + until.stalenessMs, signal: run.signal });
}

/** 429 and 503 are not definite: a commit whose answer was lost is honestly answered 503. What is `wrong` may have happened. */
export function outcomeOf(outcome: Outcome): OperationOutcome {
  if (outcome === 'ok' || outcome === 'degraded') return 'ok';
  return outcome === 'rejected' ? 'fail' : 'unknown';
}

/** @throws NotMeasured when the target does not make it. */
export async function make(
  run: SuiteRun,
  { http, id }: { readonly http: HttpTemplate; readonly id?: ValueMaker['id'] },
  given: { readonly workspace: string; readonly name: string; readonly amount?: number },
): Promise<Owner> {
  const answer = await run.target.request(http, given);
  const made = answer.outcome !== 'ok' ? null : id === undefined ? given.name : textIn(id, answer.json);
  if (made === null) throw new NotMeasured(`${given.name} could not be made: ${answered(answer)}`);
  return { workspace: given.workspace, name: given.name, id: made };
}

export function answered({ status, error }: Answer): string {
  return error ?? `status ${status ?? 'none'} without what the binding looks for`;
}
