import { randomUUID } from 'node:crypto';
import { extract, HistoryRecorder, NotMeasured, textIn, type Recorded, type SetAction, type SuiteRun } from '../../harness/index.ts';
import { inParallel } from './in-parallel.ts';
import { lookUntil } from './until.ts';

/** A field that is added, and with it the value: the two together are a member of the set that the document is. */
interface Document {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
}

interface Recording {
  readonly run: SuiteRun;
  readonly recorder: HistoryRecorder<SetAction>;
}

const WRITERS = 8;
/** Of so many operations one is a read. */
const READ_EVERY = 6;
/** What was acknowledged must show within this time after the last change. */
const SETTLE_MS = 3_000;

export interface StateHistory {
  readonly operations: readonly Recorded<SetAction>[];
  readonly patches: number;
}

/** Many add a field each to one document at the same time, document after document; each field must be there afterwards. */
export async function recordState(run: SuiteRun, size: { readonly documents: number; readonly patches: number }): Promise<StateHistory> {
  const recorder = new HistoryRecorder<SetAction>(() => run.now());
  for (let index = 0; index < size.documents && !run.signal.aborted; index += 1) {
    await fill({ run, recorder }, await makeDocument(run), size.patches);
  }
  return { operations: recorder.operations, patches: recorder.operations.filter(({ action }) => action.kind === 'add').length };
}

async function fill(recording: Recording, document: Document, patches: number): Promise<void> {
  const { run, recorder } = recording;
  const from = recorder.operations.length;
  const operations = Array.from({ length: patches }, (_, index) => index);
  await inParallel(operations, { width: WRITERS, signal: run.signal }, async (index) => {
    // Within a lane one operation follows another; sessions need no more than that.
    await patch(recording, document, index);
    if (index % READ_EVERY === 0) await look(recording, document, patches + index);
  });
  const acknowledged = recorder.operations
    .slice(from)
    .flatMap(({ action, outcome }) => (action.kind === 'add' && outcome === 'ok' ? [action.value] : []));
  const last = await lookUntil(
    () => look(recording, document, 2 * patches),
    (seen) => seen !== null && acknowledged.every((value) => seen.has(String(value))),
    { withinMs: SETTLE_MS, signal: run.signal },
  );
  if (last === null)
    throw new NotMeasured(`document ${document.id} could not be read after ${patches} changes: whether they are there cannot be seen`);
}

async function makeDocument(run: SuiteRun): Promise<Document> {
  const { create } = run.target.requireBinding('state');
  const [workspace, name] = [run.workspace(), `muster-${randomUUID().slice(0, 8)}`];
  if (create === undefined) return { workspace, name, id: name };
  const answer = await run.target.request(create.http, { workspace, name, id: '', fields: {} });
  const id = answer.outcome === 'ok' ? textIn(create.id, answer.json) : null;
  if (id === null) throw new NotMeasured(`no document could be made: ${answer.error ?? `status ${answer.status ?? 'none'}`}`);
  return { workspace, name, id };
}

async function patch({ run, recorder }: Recording, document: Document, session: number): Promise<void> {
  const binding = run.target.requireBinding('state');
  const [field, value] = [`f${randomUUID().slice(0, 8)}`, randomUUID().slice(0, 8)];
  await recorder.record(session, async () => {
    const { outcome } = await run.target.request(binding.patch, { ...document, fields: { [field]: value } });
    const seen = outcome === 'ok' ? 'ok' : outcome === 'rejected' ? 'fail' : 'unknown';
    return { outcome: seen, action: { kind: 'add', key: document.id, value: memberOf(field, value) } };
  });
}

/** What is there, of what can be told apart; null when the document could not be read. */
async function look({ run, recorder }: Recording, document: Document, session: number): Promise<ReadonlySet<string> | null> {
  const { read } = run.target.requireBinding('state');
  let members: readonly string[] | null = null;
  await recorder.record(session, async () => {
    const answer = await run.target.request(read.http, { ...document, fields: {} });
    const fields = answer.outcome === 'ok' ? extract(read.fields, answer.json) : undefined;
    members = membersIn(fields);
    return { outcome: members === null ? 'unknown' : 'ok', action: { kind: 'read', key: document.id, values: members } };
  });
  return members === null ? null : new Set<string>(members);
}

/** Fields that nobody here wrote are the target's own: only ours are looked at. */
export function membersIn(fields: unknown): readonly string[] | null {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) return null;
  return Object.entries(fields).flatMap(([field, value]) => (/^f[\da-f]{8}$/.test(field) ? [memberOf(field, String(value))] : []));
}

function memberOf(field: string, value: string): string {
  return `${field}=${value}`;
}
