import picocolors from 'picocolors';
import type { CriterionState, Verdict } from '../../harness/model/state.ts';

type Paint = (text: string) => string;

export interface Palette {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly state: (state: CriterionState, text: string) => string;
  readonly verdict: (verdict: Verdict, text: string) => string;
}

/** Colours for the terminal, or none at all; nothing is said by colour alone. */
export function palette(color: boolean): Palette {
  const c = picocolors.createColors(color);
  const states: Record<CriterionState, Paint> = {
    MET: c.green,
    MARGINAL: c.yellow,
    VIOLATED: c.red,
    INCONCLUSIVE: c.magenta,
    INSUFFICIENT: c.magenta,
    ERROR: c.magenta,
    NOT_RUN: c.magenta,
    NOT_APPLICABLE: c.dim,
  };
  const verdicts: Record<Verdict, Paint> = { GO: c.green, CONDITIONAL: c.yellow, NO_GO: c.red, NOT_ASSESSED: c.magenta };
  return {
    bold: c.bold,
    dim: c.dim,
    state: (state, text) => states[state](text),
    verdict: (verdict, text) => c.bold(verdicts[verdict](text)),
  };
}
