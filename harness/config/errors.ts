import { MusterError } from '../model/errors.ts';

/** One thing that is wrong in the configuration. */
export interface Mistake {
  /** `criteria.benchmark.latency_p95.pass`; the flag or variable itself (`--seed`, `MUSTER_SEED`) when it came from there. */
  readonly path: string;
  /** Where it was written: `muster.config.ts`, `targets/shop.yaml:12`; null for flags and variables. */
  readonly source: string | null;
  /** As written, shortened, secrets redacted; null when the mistake is that nothing is there. */
  readonly value: string | null;
  /** What is wrong with it, as the rest of a sentence whose subject is the path: `is "x", which …`. */
  readonly problem: string;
  /** What may be written instead. */
  readonly allowed: string | null;
  readonly suggestion: string | null;
}

/** Every mistake of a configuration at once. The message lists each with its place, value and what is allowed. */
export class InvalidConfigError extends MusterError {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly Mistake[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super([`The configuration has ${count}:`, ...mistakes.map(mistakeText)].join('\n'), {
      code: 'MUSTER_INVALID_CONFIG',
      blame: 'config',
      hint: mistakes.length === 1 ? 'Correct it and run the command again.' : 'Correct them and run the command again.',
    });
    this.name = 'InvalidConfigError';
    this.mistakes = mistakes;
  }
}

/** `  targets/shop.yaml:12 services.gatway: is an unknown key - did you mean "gateway"?` */
function mistakeText(mistake: Mistake): string {
  const place = mistake.source === null ? mistake.path : `${mistake.source} ${mistake.path === '' ? '(top level)' : mistake.path}`;
  const value = mistake.value === null ? '' : `${mistake.value} `;
  const suggestion = mistake.suggestion === null ? '' : ` - did you mean "${mistake.suggestion}"?`;
  const allowed = mistake.allowed === null ? '' : ` (allowed: ${mistake.allowed})`;
  return `  ${place.trimEnd()}: ${value}${mistake.problem}${suggestion}${allowed}`;
}
