/** The eight states of a criterion (`docs/decisions/001-decision-algebra.md`). Only MET and NOT_APPLICABLE are green. */
export const CRITERION_STATES = [
  'MET',
  'MARGINAL',
  'VIOLATED',
  'INCONCLUSIVE',
  'INSUFFICIENT',
  'ERROR',
  'NOT_RUN',
  'NOT_APPLICABLE',
] as const;
export type CriterionState = (typeof CRITERION_STATES)[number];

/** P0 critical, P1 high, P2 medium, P3 low. */
export const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** What a criterion's state does to the verdict, from harmless to worst. */
export const EFFECTS = ['ok', 'note', 'condition', 'hold', 'block'] as const;
export type Effect = (typeof EFFECTS)[number];

export const VERDICTS = ['GO', 'CONDITIONAL', 'NO_GO', 'NOT_ASSESSED'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Process exit codes. 1–14 are never used: a crash of Node must not look like a verdict. */
export const EXIT_CODE = {
  GO: 0,
  CONDITIONAL: 20,
  PENDING_SIGNOFF: 21,
  NO_GO: 30,
  NOT_ASSESSED: 40,
  EVIDENCE_INVALID: 50,
  USAGE: 64,
  ENVIRONMENT: 69,
  INTERNAL: 70,
  DEADLINE: 124,
  SIGINT: 130,
  SIGTERM: 143,
} as const;
