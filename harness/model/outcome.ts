/**
 * What an operation did to its caller: `ok`; `degraded` (a declared fallback answered); `shed` (429/503 with a
 * refusal); `rejected` (a definite 4xx: it did not happen); `unknown` (5xx, time-out, reset: it may have happened);
 * `wrong` (an answer that breaks what it claims).
 */
export const OUTCOMES = ['ok', 'degraded', 'shed', 'rejected', 'unknown', 'wrong'] as const;
export type Outcome = (typeof OUTCOMES)[number];
