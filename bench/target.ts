import type { Figure } from './result.ts';
import { figure } from './result.ts';

/** A figure with what was asked of it: at most, or at least. */
export interface Asked {
  readonly atMost?: number;
  readonly atLeast?: number;
  readonly note?: string;
}

/** Says behind the value whether it reaches its target. */
export function judged(what: string, value: number | null, unit: string, { atMost, atLeast, note = '' }: Asked): Figure {
  const reached = value !== null && value <= (atMost ?? Number.POSITIVE_INFINITY) && value >= (atLeast ?? Number.NEGATIVE_INFINITY);
  const bounds = [...(atLeast === undefined ? [] : [`≥ ${atLeast}`]), ...(atMost === undefined ? [] : [`≤ ${atMost}`])].join(' and ');
  return figure(what, value, unit, `target ${bounds}: ${reached ? 'reached' : 'MISSED'}${note === '' ? '' : `; ${note}`}`);
}
