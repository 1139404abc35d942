import type { CriterionState, Effect, Severity, Verdict } from '../model/state.ts';
import { EFFECTS, EXIT_CODE } from '../model/state.ts';

type StateClass = 'green' | 'marginal' | 'violated' | 'unknown';

const CLASS_OF: Record<CriterionState, StateClass> = {
  MET: 'green',
  NOT_APPLICABLE: 'green',
  MARGINAL: 'marginal',
  VIOLATED: 'violated',
  INCONCLUSIVE: 'unknown',
  INSUFFICIENT: 'unknown',
  ERROR: 'unknown',
  NOT_RUN: 'unknown',
};

const EFFECT_OF: Record<Severity, Record<StateClass, Effect>> = {
  P0: { green: 'ok', marginal: 'condition', violated: 'block', unknown: 'hold' },
  P1: { green: 'ok', marginal: 'condition', violated: 'block', unknown: 'hold' },
  P2: { green: 'ok', marginal: 'note', violated: 'condition', unknown: 'condition' },
  P3: { green: 'ok', marginal: 'note', violated: 'note', unknown: 'note' },
};

const VERDICT_OF: Record<Effect, Verdict> = { ok: 'GO', note: 'GO', condition: 'CONDITIONAL', hold: 'NOT_ASSESSED', block: 'NO_GO' };

/** What a state does to the verdict at this severity: the table of the decision algebra. */
export function effectOf(severity: Severity, state: CriterionState): Effect {
  return EFFECT_OF[severity][CLASS_OF[state]];
}

/** INCONCLUSIVE, INSUFFICIENT, ERROR and NOT_RUN: neither shown to be good nor shown to be bad. */
export function isUnknown(state: CriterionState): boolean {
  return CLASS_OF[state] === 'unknown';
}

/** Greater than 0 when `a` is worse than `b`. */
export function compareEffects(a: Effect, b: Effect): number {
  return EFFECTS.indexOf(a) - EFFECTS.indexOf(b);
}

export function worstEffect(effects: readonly Effect[]): Effect {
  return effects.toSorted(compareEffects).at(-1) ?? 'ok';
}

export function verdictOf(worst: Effect): Verdict {
  return VERDICT_OF[worst];
}

/** Exit code of a run that ended with this verdict and a verified record. */
export function exitCodeOf(verdict: Verdict): number {
  return EXIT_CODE[verdict];
}
