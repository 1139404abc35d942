import type { ProgressEvent } from '../../harness/model/progress.ts';
import { STATE_SIGNS, STATE_WORDS } from '../format.ts';
import { oneLine } from '../text.ts';
import { stamp } from './live.ts';
import type { Palette } from './paint.ts';

export interface LineOptions {
  /** true: everything that happened (CI logs); false: only what a person at a terminal must not miss. */
  readonly verbose: boolean;
  readonly paint: Palette;
}

/** The line an event leaves behind, or null. */
export function permanentLine(event: ProgressEvent, { verbose, paint }: LineOptions): string | null {
  const text = verbose || mustBeSeen(event) ? textOf(event, paint) : null;
  return text === null ? null : `${stamp(event.atMs)} ${text}`;
}

function mustBeSeen(event: ProgressEvent): boolean {
  if (event.kind === 'check-end') return event.state !== 'MET' && event.state !== 'NOT_APPLICABLE';
  return event.kind === 'phase' || (event.kind === 'note' && event.level === 'warning');
}

function textOf(event: ProgressEvent, paint: Palette): string | null {
  switch (event.kind) {
    case 'service':
      return `${oneLine(event.service)}: ${oneLine(event.text)}`;
    case 'phase':
      return `${oneLine(event.suite)} (suite ${event.index + 1} of ${event.total}, ${event.planned} checks)`;
    case 'check-end':
      return paint.state(
        event.state,
        `${STATE_SIGNS[event.state]} ${oneLine(event.criterion)} ${STATE_WORDS[event.state]}: ${oneLine(event.reason)}`,
      );
    case 'fault':
      return `fault ${event.phase}: ${oneLine(event.fault)} ${oneLine(event.text)}`;
    case 'note':
      return event.level === 'warning' ? paint.bold(`warning: ${oneLine(event.text)}`) : oneLine(event.text);
    case 'check-start':
    case 'load':
      break;
  }
  return null;
}
