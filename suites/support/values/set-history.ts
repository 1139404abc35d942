import { randomUUID } from 'node:crypto';
import { extract, HistoryRecorder, NotMeasured, type Seen, type SetAction, type SuiteRun, textIn } from '../../../harness/index.ts';
import { lookAfter } from '../until.ts';
import { answered, contend, make, OBSERVER, type Owner, outcomeOf, settled, type ValueHistory } from './contend.ts';

interface MemberSet {
  readonly run: SuiteRun;
  readonly owner: Owner;
  /** Members that nobody here added. */
  readonly before: ReadonlySet<string>;
}

/** Many agents add members of their own to one set and read it, set after set; then each is read until all that was acknowledged shows. */
export async function recordSets(run: SuiteRun, changes: number): Promise<ValueHistory<SetAction>> {
  const { most } = run.target.requireBinding('set');
  const recorder = new HistoryRecorder<SetAction>(() => run.now());
  const faults: string[] = [];
  for (let left = changes; left > 0 && !run.signal.aborted; left -= most) {
    const fault = await recordSet(run, recorder, Math.min(left, most));
    if (fault !== null) faults.push(fault);
  }
  return { operations: recorder.operations, fault: faults[0] ?? null };
}

async function recordSet(run: SuiteRun, recorder: HistoryRecorder<SetAction>, changes: number): Promise<string | null> {
  const set = await openSet(run);
  const from = recorder.operations.length;
  // Every agent makes whole rounds; what is left over of the last one would be more than a set may hold.
  let room = changes;
  const fault = await contend(run, {
    recorder,
    changes,
    change: (_, signal) => {
      room -= 1;
      return room < 0 ? readOnce(set, signal) : add(set, signal);
    },
    read: (_, signal) => readOnce(set, signal),
  });
  const own = recorder.operations.slice(from);
  const acknowledged = own.flatMap(({ action, outcome }) => (action.kind === 'add' && outcome === 'ok' ? [action.value] : []));
  const last = await settled(run, () => recorder.record(OBSERVER, () => readOnce(set)), {
    done: ({ action }) => action.kind === 'read' && action.values !== null && includesAll(action.values, acknowledged),
    stalenessMs: run.target.requireBinding('set').read.stalenessMs,
  });
  if (last.outcome !== 'ok')
    throw new NotMeasured(`set ${set.owner.id} could not be read after ${changes} were added: what is in it cannot be seen`);
  return fault;
}

async function openSet(run: SuiteRun): Promise<MemberSet> {
  const { create, read } = run.target.requireBinding('set');
  const given = { workspace: run.workspace(), name: `muster-${randomUUID().slice(0, 8)}` };
  const owner = create === undefined ? { ...given, id: given.name } : await make(run, create, given);
  // Who made it may be in it from the beginning, and show only when reads may not be that old any more.
  const answer = await lookAfter(() => run.target.request(read.http, { ...owner, value: '' }), {
    stalenessMs: create === undefined ? 0 : read.stalenessMs,
    signal: run.signal,
  });
  // What nobody has added anything to may not be there yet.
  const members = answer.outcome === 'ok' ? membersIn(extract(read.items, answer.json), read.value) : answer.status === 404 ? [] : null;
  if (members === null) throw new NotMeasured(`the set could not be read before anybody added to it: ${answered(answer)}`);
  return { run, owner, before: new Set(members) };
}

async function add({ run, owner }: MemberSet, signal: AbortSignal): Promise<Seen<SetAction>> {
  const value = randomUUID();
  const { outcome } = await run.target.request(run.target.requireBinding('set').add, { ...owner, value, op: randomUUID() }, { signal });
  return { outcome: outcomeOf(outcome), action: { kind: 'add', key: owner.id, value } };
}

async function readOnce({ run, owner, before }: MemberSet, signal?: AbortSignal): Promise<Seen<SetAction>> {
  const { read } = run.target.requireBinding('set');
  const answer = await run.target.request(read.http, { ...owner, value: '' }, signal === undefined ? {} : { signal });
  const members = answer.outcome === 'ok' ? membersIn(extract(read.items, answer.json), read.value) : null;
  const values = members?.filter((member) => !before.has(member)) ?? null;
  return { outcome: values === null ? 'unknown' : 'ok', action: { kind: 'read', key: owner.id, values } };
}

/** null: there is no list of members. */
function membersIn(items: unknown, value: string | undefined): readonly string[] | null {
  if (!Array.isArray(items)) return null;
  return (items as readonly unknown[]).flatMap((item) => {
    const member = value === undefined ? scalarText(item) : textIn(value, item);
    return member === null ? [] : [member];
  });
}

function scalarText(item: unknown): string | null {
  return typeof item === 'string' || typeof item === 'number' ? String(item) : null;
}

function includesAll(values: readonly unknown[], wanted: readonly unknown[]): boolean {
  const shown = new Set(values);
  return wanted.every((value) => shown.has(value));
}
