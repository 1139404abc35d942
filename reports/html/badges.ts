import type { CriterionState, Verdict } from '../../harness/model/state.ts';
import { STATE_WORDS } from '../format.ts';
import { html, type Markup } from './markup.ts';
import { light, type ColorRole } from './palette.ts';

export type Tone = 'met' | 'marginal' | 'violated' | 'unknown' | 'neutral';

export const STATE_TONES: Record<CriterionState, Tone> = {
  MET: 'met',
  MARGINAL: 'marginal',
  VIOLATED: 'violated',
  INCONCLUSIVE: 'unknown',
  INSUFFICIENT: 'unknown',
  ERROR: 'unknown',
  NOT_RUN: 'unknown',
  NOT_APPLICABLE: 'neutral',
};

export const VERDICT_TONES: Record<Verdict, Exclude<Tone, 'neutral'>> = {
  GO: 'met',
  CONDITIONAL: 'marginal',
  NO_GO: 'violated',
  NOT_ASSESSED: 'unknown',
};

/** Outline shapes in a 16 × 16 box, so that a state is told by its form too. */
const STATE_SHAPES: Record<CriterionState, string> = {
  MET: 'M3 8.5 6.5 12 13 4.5',
  MARGINAL: 'M2.5 9.5c2-4 4-4 5.5-1.5s3.5 2.5 5.5-1.5',
  VIOLATED: 'M4 4l8 8M12 4l-8 8',
  INCONCLUSIVE: 'M5 6a3 3 0 1 1 4.2 2.7c-.8.4-1.2.9-1.2 1.8M8 13.3v.2',
  INSUFFICIENT: 'M3 13V10.5M8 13V7M13 13V3',
  ERROR: 'M8 2.5v7M8 12.8v.4',
  NOT_RUN: 'M3 8h10',
  NOT_APPLICABLE: 'M8 8v.01',
};

const VERDICT_SHAPES: Record<Verdict, CriterionState> = {
  GO: 'MET',
  CONDITIONAL: 'MARGINAL',
  NO_GO: 'VIOLATED',
  NOT_ASSESSED: 'INCONCLUSIVE',
};

function icon(state: CriterionState, role: ColorRole, size: number): Markup {
  return html`<svg width="${size}" height="${size}" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d="${STATE_SHAPES[state]}" fill="none" stroke="${light(role)}" class="stroke-${role}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}

/** Sign and word; never colour alone. */
export function stateBadge(state: CriterionState): Markup {
  const tone = STATE_TONES[state];
  return html`<span class="state text-${tone}">${icon(state, tone, 14)} ${STATE_WORDS[state]}</span>`;
}

/** The sign of the banner: the verdict's shape in a ring. */
export function verdictIcon(verdict: Verdict): Markup {
  const tone = VERDICT_TONES[verdict];
  return html`<svg width="44" height="44" viewBox="0 0 28 28" aria-hidden="true" focusable="false"><circle cx="14" cy="14" r="12.5" fill="none" stroke="${light(tone)}" class="stroke-${tone}" stroke-width="2"/><path transform="translate(6 6)" d="${STATE_SHAPES[VERDICT_SHAPES[verdict]]}" fill="none" stroke="${light(tone)}" class="stroke-${tone}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/></svg>`;
}
