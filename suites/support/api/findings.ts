import type { Answer } from '../../../harness/index.ts';
import type { Case } from './cases.ts';
import type { Api } from './api.ts';
import type { Operation } from './document.ts';
import { brief } from './json.ts';

/** `broken`: no definite answer. `wrong`: an answer that is not what the document says. */
export type FindingKind = 'broken' | 'wrong';

/** What an answer did wrong, with the smallest request that shows it. */
export interface Finding {
  readonly kind: FindingKind;
  readonly operation: string;
  readonly why: string;
  readonly curl: string;
}

export interface Judged {
  readonly kind: FindingKind | 'right' | 'unread';
  readonly why: string;
  /** The document speaks of this answer, and it was held against it. */
  readonly isHeld: boolean;
}

/** Refusals that say nothing of the input; a document that names them lets its callers be prepared. */
const FOR_NOW = [503, 504];

export function judge(operation: Operation, { arrives }: Case, answer: Answer, { validator }: Pick<Api, 'validator'>): Judged {
  const broken = brokenBy(answer);
  if (isForNow(operation, answer.status) || isEndless(answer)) return { kind: 'unread', why: '', isHeld: false };
  if (broken !== null) return { kind: 'broken', why: broken, isHeld: false };
  return arrives ? heldAgainst(operation, answer, validator) : { kind: 'right', why: '', isHeld: false };
}

function isForNow(operation: Operation, status: number | null): boolean {
  return status === 429 || (status !== null && FOR_NOW.includes(status) && String(status) in operation.answers);
}

/** A stream of events has begun: that it does not end is no fault. */
export function isEndless({ status, error, headers }: Pick<Answer, 'status' | 'error' | 'headers'>): boolean {
  const type = headers['content-type'] ?? '';
  return (
    status !== null &&
    status < 500 &&
    error !== null &&
    /^(text\/event-stream|multipart\/x-mixed-replace|application\/(x-)?ndjson)/i.test(type)
  );
}

function brokenBy({ status, error, json, text }: Answer): string | null {
  if (status === null || error !== null) return `got no whole answer: ${error ?? 'nothing'}`;
  return status >= 500 ? `answered ${status}: ${brief(json ?? text)}` : null;
}

function heldAgainst(operation: Operation, answer: Answer, validator: Api['validator']): Judged {
  const conformity = validator.judge(operation, answer);
  const place = `${operation.name} ${answer.status}`;
  if (conformity.kind === 'wrong') return { kind: 'wrong', why: `answered ${answer.status}, and ${conformity.why}`, isHeld: true };
  const unheld = { unreadable: 'why' in conformity ? `${place}: ${conformity.why}` : '', undescribed: place, right: '' };
  return { kind: 'right', why: unheld[conformity.kind], isHeld: conformity.kind === 'right' };
}
