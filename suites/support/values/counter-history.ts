import { randomUUID } from 'node:crypto';
import { type CounterAction, HistoryRecorder, NotMeasured, type Seen, type SuiteRun, textIn } from '../../../harness/index.ts';
import { lookPast } from '../until.ts';
import { answered, contend, make, OBSERVER, type Owner, outcomeOf, settled, type ValueHistory } from './contend.ts';

/** Sums of decimals are as exact as this. */
const DECIMALS = 1e6;

interface Counter {
  readonly run: SuiteRun;
  readonly owner: Owner;
  readonly key: string;
  /** What it showed before anybody counted. */
  readonly initial: number;
}

/** Many agents count at one counter and read it; then it is read until all that was acknowledged shows. Counted in steps from what it showed at first. */
export async function recordCounter(run: SuiteRun, changes: number): Promise<ValueHistory<CounterAction>> {
  const { step, read } = run.target.requireBinding('counter');
  const counter = await openCounter(run);
  const recorder = new HistoryRecorder<CounterAction>(() => run.now());
  const look = (): Promise<Seen<CounterAction>> => recorder.record(OBSERVER, () => readOnce(counter));
  const fault = await contend(run, {
    recorder,
    changes,
    change: (_, signal) => count(counter, step, signal),
    read: (_, signal) => readOnce(counter, signal),
  });
  const sums = recorder.operations.filter(({ action, outcome }) => action.kind === 'add' && outcome === 'ok').length;
  const last = await settled(run, look, { done: (seen) => (valueOf(seen) ?? -1) >= sums, stalenessMs: read.stalenessMs });
  if (valueOf(last) === null) throw new NotMeasured(`the counter could not be read after ${changes} changes: what it is at cannot be seen`);
  return { operations: recorder.operations, fault };
}

async function openCounter(run: SuiteRun): Promise<Counter> {
  const { create, read, step } = run.target.requireBinding('counter');
  const given = { workspace: run.workspace(), name: `muster-${randomUUID().slice(0, 8)}` };
  const owner = create === undefined ? { ...given, id: given.name } : await make(run, create, given);
  // Where reads may be old, a counter that was just made may not be there yet.
  const { answer, initial } = await lookPast(
    async () => {
      const seen = await run.target.request(read.http, { ...owner, amount: Math.abs(step) });
      return { answer: seen, initial: seen.outcome === 'ok' ? numberOf(textIn(read.value, seen.json)) : null };
    },
    (seen) => seen.initial !== null,
    { stalenessMs: read.stalenessMs, signal: run.signal },
  );
  if (initial === null) throw new NotMeasured(`the counter could not be read before anybody counted: ${answered(answer)}`);
  const key = step === 1 && initial === 0 ? owner.id : `${owner.id} (steps of ${step} from ${initial})`;
  return { run, owner, key, initial };
}

async function count({ run, owner, key }: Counter, step: number, signal: AbortSignal): Promise<Seen<CounterAction>> {
  const variables = { ...owner, amount: Math.abs(step), op: randomUUID() };
  const { outcome } = await run.target.request(run.target.requireBinding('counter').add, variables, { signal });
  return { outcome: outcomeOf(outcome), action: { kind: 'add', key, delta: 1 } };
}

async function readOnce({ run, owner, key, initial }: Counter, signal?: AbortSignal): Promise<Seen<CounterAction>> {
  const { read, step } = run.target.requireBinding('counter');
  const answer = await run.target.request(read.http, { ...owner, amount: Math.abs(step) }, signal === undefined ? {} : { signal });
  const shown = answer.outcome === 'ok' ? numberOf(textIn(read.value, answer.json)) : null;
  const value = shown === null ? null : Math.round(((shown - initial) / step) * DECIMALS) / DECIMALS;
  return { outcome: value === null ? 'unknown' : 'ok', action: { kind: 'read', key, value } };
}

/** Amounts are often text, so that nothing is rounded. */
export function numberOf(text: string | null): number | null {
  const value = text === null || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : null;
}

function valueOf({ action }: Seen<CounterAction>): number | null {
  return action.kind === 'read' ? action.value : null;
}
