import { randomUUID } from 'node:crypto';
import { NotMeasured, numberIn, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';
import { lookAfter, lookPast } from './until.ts';

/** A context of the target, in a workspace of its own. */
export interface ContextAt {
  readonly workspace: string;
  readonly id: string;
  readonly name: string;
}

/** What a context holds; version `first` and value null: nothing was written yet. */
export interface Head {
  readonly version: number;
  readonly value: string | null;
}

/** A write or a rollback, as its caller saw it. */
export interface Written {
  readonly seen: 'accepted' | 'refused' | 'unknown';
  /** null: not accepted, or the answer does not say. */
  readonly version: number | null;
  readonly answer: Answer;
}

/** Throws NotMeasured when the target does not make it. */
export async function makeContext(run: SuiteRun): Promise<ContextAt> {
  const { create } = run.target.requireBinding('context');
  const [workspace, name] = [run.workspace(), `muster-${randomUUID().slice(0, 8)}`];
  if (create === undefined) return { workspace, name, id: name };
  const answer = await run.target.request(create.http, { ...BLANK, workspace, name });
  const id = answer.outcome === 'ok' ? textIn(create.id, answer.json) : null;
  if (id === null) throw new NotMeasured(`nothing could be made to write to: ${answer.error ?? `status ${answer.status ?? 'none'}`}`);
  return { workspace, name, id };
}

/** For requests that have no use for them. */
const BLANK = { id: '', value: '', base: 0, version: 0 };

/** null: not readable. That nothing is there is an answer too. */
export async function readHead(run: SuiteRun, at: ContextAt): Promise<Head | null> {
  const { read, first } = run.target.requireBinding('context');
  const answer = await run.target.request(read.http, { ...BLANK, ...at });
  if (answer.status === 404) return { version: first, value: null };
  const version = answer.outcome === 'ok' ? numberIn(read.version, answer.json) : null;
  return version === null ? null : { version, value: textIn(read.value, answer.json) };
}

/** Throws NotMeasured when it cannot be read. */
export async function requireHead(run: SuiteRun, at: ContextAt): Promise<Head> {
  const head = await readHead(run, at);
  if (head === null) throw new NotMeasured(`the context ${at.name} of ${at.id} could not be read`);
  return head;
}

/** How old a head may be that is shown. */
export function shownAs(run: SuiteRun): { readonly stalenessMs: number | undefined; readonly signal: AbortSignal } {
  return { stalenessMs: run.target.requireBinding('context').read.stalenessMs, signal: run.signal };
}

/** Reads until what is known to be there shows, or what shows may not be that old any more. */
export function headWhere(run: SuiteRun, at: ContextAt, isThere: (head: Head) => boolean): Promise<Head> {
  return lookPast(() => requireHead(run, at), isThere, shownAs(run));
}

/** Reads when everything that has happened must show. */
export function headNow(run: SuiteRun, at: ContextAt): Promise<Head> {
  return lookAfter(() => requireHead(run, at), shownAs(run));
}

export async function writeOn(
  run: SuiteRun,
  at: ContextAt,
  { base, value }: { readonly base: number; readonly value: string },
): Promise<Written> {
  const { write } = run.target.requireBinding('context');
  return written(await run.target.request(write.http, { ...BLANK, ...at, base, value }), write.version);
}

/** Throws NotMeasured when it is not bound. */
export async function rollBack(run: SuiteRun, at: ContextAt, version: number): Promise<Written> {
  const { rollback } = run.target.requireBinding('context');
  if (rollback === undefined) throw new NotMeasured('the target has no binding `context.rollback`');
  return written(await run.target.request(rollback.http, { ...BLANK, ...at, version }), rollback.version);
}

function written(answer: Answer, version: string): Written {
  if (answer.outcome === 'ok') return { seen: 'accepted', version: numberIn(version, answer.json), answer };
  return { seen: answer.outcome === 'rejected' ? 'refused' : 'unknown', version: null, answer };
}
