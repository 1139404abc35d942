import { setTimeout as delay } from 'node:timers/promises';
import { textIn, type Answer, type SuiteRun } from '../../harness/index.ts';

export type Request = Parameters<SuiteRun['target']['request']>[0];
export type Variables = NonNullable<Parameters<SuiteRun['target']['request']>[1]>;
type Send = Pick<SuiteRun, 'signal'> & { readonly target: Pick<SuiteRun['target'], 'request'> };

/** Work that is begun by one request and looked at by another until it has ended. */
export interface LongWork {
  readonly create: Request;
  readonly poll: Request;
  readonly id: string;
  readonly state: string;
  readonly end: readonly string[];
  readonly success: readonly string[];
}

export interface WorkEnd {
  /** null: it was not accepted, or answered without an id. */
  readonly id: string | null;
  /** The last one that was seen. */
  readonly state: string | null;
  readonly ended: boolean;
  readonly success: boolean;
  /** The answer to the creation when that was the last one, else the last look. */
  readonly answer: Answer;
  readonly tookMs: number;
}

export interface Patience {
  readonly withinMs: number;
  readonly everyMs?: number;
  /** Counts as an end besides those of the work. */
  readonly alsoEnds?: readonly string[];
}

const LOOK_EVERY_MS = 50;

/** Begins work and looks until it has ended or the time is up. What the target does wrong is part of the result. */
export async function runWork(
  { target, signal }: Send,
  work: LongWork,
  variables: Variables,
  { withinMs, everyMs = LOOK_EVERY_MS, alsoEnds = [] }: Patience,
): Promise<WorkEnd> {
  const startedMs = performance.now();
  const tookMs = (): number => performance.now() - startedMs;
  const created = await target.request(work.create, variables, { timeoutMs: withinMs, signal });
  const id = foundIn(created, work.id);
  if (id === null) return { id, state: null, ended: false, success: false, answer: created, tookMs: tookMs() };
  const ends = [...work.end, ...alsoEnds];
  let answer = created;
  let state: string | null = null;
  const isOver = (): boolean => state !== null && ends.includes(state);
  while (!isOver() && tookMs() < withinMs && !signal.aborted) {
    answer = await target.request(work.poll, { ...variables, id }, { timeoutMs: Math.max(1, withinMs - tookMs()), signal });
    state = foundIn(answer, work.state) ?? state;
    if (!isOver()) await delay(everyMs);
  }
  return { id, state, ended: isOver(), success: state !== null && work.success.includes(state), answer, tookMs: tookMs() };
}

function foundIn(answer: Answer, expression: string): string | null {
  return answer.outcome === 'ok' ? textIn(expression, answer.json) : null;
}

/** What came back, in a few words. */
export function saidBy({ status, error }: Pick<Answer, 'status' | 'error'>): string {
  return status === null ? (error ?? 'no answer') : `status ${status}`;
}
