import { randomUUID } from 'node:crypto';
import { extract, holdsIn, NotMeasured, numberIn, textIn, type Answer, type SuiteRun } from '../../harness/index.ts';

type CacheBinding = NonNullable<SuiteRun['spec']['bindings']['cache']>;

/** A question of its own, in a workspace of its own: nobody else asks it. */
export interface Subject {
  readonly workspace: string;
  readonly text: string;
}

/** One answer to a question that may be kept. */
export interface Kept {
  readonly answer: Answer;
  /** true: it was made for this request; false: it was kept; null: nobody says. */
  readonly isMade: boolean | null;
  /** What the meter knows it by; those who waited for one making were given one. */
  readonly id: string | null;
  /** What `value` finds in it, as text. */
  readonly value: string | null;
  /** How long it took to make, as the target says. */
  readonly madeMs: number | null;
  readonly startMs: number;
  readonly endMs: number;
}

/** How often a question is asked until its answer is kept. */
const TRIES = 4;
const TIMEOUT_MS = 10_000;

/** @throws NotMeasured when the target does not bind it. */
export function cacheOf(run: SuiteRun): CacheBinding {
  const { cache } = run.spec.bindings;
  if (cache === undefined) throw new NotMeasured('the target has no binding `cache`');
  return cache;
}

export function newSubject(run: SuiteRun): Subject {
  return { workspace: run.workspace(), text: `item ${randomUUID().slice(0, 8)}` };
}

/** Asks the question of a service; of the first instance when none is named. */
export async function askKept(run: SuiteRun, subject: Subject, service?: string): Promise<Kept> {
  const { read, instances } = cacheOf(run);
  const http = { ...read.http, service: service ?? instances[0] ?? read.http.service };
  const startMs = run.now();
  const answer = await run.target.request(http, { ...subject, value: '', op: randomUUID() }, { timeoutMs: TIMEOUT_MS, signal: run.signal });
  const endMs = run.now();
  const found = extract(read.value, answer.json);
  return {
    answer,
    isMade: answer.outcome === 'ok' ? await isMade(run, answer) : null,
    id: textIn(read.id, answer.json),
    value: found === undefined ? null : typeof found === 'string' ? found : JSON.stringify(found),
    madeMs: sumOf(read.madeMs ?? [], answer.json),
    startMs,
    endMs,
  };
}

/** null: one of them is not there, or none is asked for. */
function sumOf(parts: readonly string[], json: unknown): number | null {
  const found = parts.flatMap((part) => numberIn(part, json) ?? []);
  return parts.length === 0 || found.length < parts.length ? null : found.reduce((sum, ms) => sum + ms, 0);
}

/** The meter knows best: what cost tokens was made. Where none can be asked, by what the answer says of itself. */
async function isMade(run: SuiteRun, answer: Answer): Promise<boolean | null> {
  const { read } = cacheOf(run);
  const claimsKept = read.hit === undefined ? null : holdsIn(read.hit, answer.json);
  const id = textIn(read.id, answer.json);
  if (id !== null && run.target.has('meter')) {
    const { tokens, answer: metered } = await run.target.meter.read(id);
    if (tokens !== null) return tokens > 0;
    // What was kept never reached the model, so that a meter may not have heard of it.
    if (metered.status === 404 && claimsKept === true) return false;
  }
  return claimsKept === null ? null : !claimsKept;
}

/** Asks until the answer comes from what is kept; null: it does not, after as many tries as most caches need. */
export async function keep(run: SuiteRun, subject: Subject, service?: string): Promise<Kept | null> {
  for (let tries = 0; tries < TRIES && !run.signal.aborted; tries += 1) {
    const kept = await askKept(run, subject, service);
    if (kept.isMade === false) return kept;
  }
  return null;
}

/** Something that ends what is kept, and what it wrote. */
export interface Ended {
  readonly how: 'write' | 'invalidate';
  readonly value: string;
  readonly answer: Answer;
  readonly startMs: number;
  readonly endMs: number;
}

/** Sends the write or the invalidation to a service; to the first instance when none is named. */
export async function end(run: SuiteRun, subject: Subject, how: Ended['how'], service?: string): Promise<Ended> {
  const binding = cacheOf(run);
  const http = binding[how];
  if (http === undefined) throw new NotMeasured(`the target has no binding \`cache.${how}\``);
  const value = randomUUID();
  const startMs = run.now();
  const to = service ?? binding.instances[0] ?? http.service;
  // A write may be somebody else's business: only what the instances answer themselves can be sent to another of them.
  const at = binding.instances.includes(http.service) ? to : http.service;
  const answer = await run.target.request(
    { ...http, service: at },
    { ...subject, value, op: randomUUID() },
    { timeoutMs: TIMEOUT_MS, signal: run.signal },
  );
  return { how, value, answer, startMs, endMs: run.now() };
}

/** Whether the answer is from before the write or the invalidation; null: it cannot be told. */
export function isFromBefore(run: SuiteRun, { value, isMade: made }: Kept, ended: Ended): boolean | null {
  if (ended.how === 'write' && cacheOf(run).read.value !== undefined) return value === null ? null : !value.includes(ended.value);
  return made === null ? null : !made;
}

/** The ways in which this target can be told that what it keeps is out of date. */
export function waysToEnd(run: SuiteRun): readonly Ended['how'][] {
  const binding = cacheOf(run);
  return (['write', 'invalidate'] as const).filter((how) => binding[how] !== undefined);
}

export function describeAnswer({ outcome, status, error }: Answer): string {
  return error ?? `status ${status ?? 'none'}, outcome ${outcome}`;
}
