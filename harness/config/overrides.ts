import { evaluateExpression, expressionHolds, parseExpression } from '../model/expression.ts';
import type { Severity } from '../model/state.ts';
import { readConfidence } from './quantities.ts';
import type { UserOverride } from './schema.ts';
import type { Origin } from './settings.ts';

/** What the configuration changes about one declared criterion. Absent keys keep the declaration's value. */
export interface CriterionOverride {
  readonly pass?: string;
  readonly nogo?: string;
  readonly severity?: Severity;
  readonly minSamples?: number | 'auto';
  /** Fraction. */
  readonly confidence?: number;
  /** The reason; present only when the predicate holds for this run. */
  readonly notApplicable?: string;
  readonly owner?: string;
}

export interface OverrideLayer {
  readonly criteria: Readonly<Record<string, UserOverride>> | undefined;
  readonly origin: Origin;
}

/** What `notApplicable.when` may look at. */
export interface PredicateFacts {
  readonly profile: string;
  readonly provider: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Later layers win, field by field. */
export function mergeOverrides(
  layers: readonly OverrideLayer[],
  facts: PredicateFacts,
  provenance: Map<string, Origin>,
): Readonly<Record<string, CriterionOverride>> {
  const merged: Record<string, CriterionOverride> = {};
  for (const { criteria, origin } of layers) {
    for (const [id, user] of Object.entries(criteria ?? {})) {
      const resolved = resolveOverride(user, facts);
      const { notApplicable, ...kept } = merged[id] ?? {};
      const replaced = user.notApplicable !== undefined || notApplicable === undefined;
      merged[id] = { ...kept, ...(replaced ? {} : { notApplicable }), ...resolved };
      for (const key of Object.keys(resolved)) provenance.set(`criteria.${id}.${key}`, origin);
    }
  }
  return merged;
}

function resolveOverride(user: UserOverride, facts: PredicateFacts): CriterionOverride {
  const confidence = user.confidence === undefined ? null : readConfidence(user.confidence);
  return {
    ...(user.pass === undefined ? {} : { pass: user.pass }),
    ...(user.nogo === undefined ? {} : { nogo: user.nogo }),
    ...(user.severity === undefined ? {} : { severity: user.severity }),
    ...(user.minSamples === undefined ? {} : { minSamples: user.minSamples }),
    ...(confidence?.ok === true ? { confidence: confidence.value } : {}),
    ...(user.notApplicable !== undefined && holds(user.notApplicable.when, facts) ? { notApplicable: user.notApplicable.reason } : {}),
    ...(user.owner === undefined ? {} : { owner: user.owner }),
  };
}

/** Without `when` the author says it of every run. */
function holds(when: string | undefined, facts: PredicateFacts): boolean {
  if (when === undefined) return true;
  const parsed = parseExpression(when);
  if (!parsed.ok) return false;
  const { expression } = parsed;
  const typed = expression.kind === 'comparison' && typeof expression.literal !== 'string';
  return expressionHolds(expression, typed ? { ...facts, env: typedValues(facts.env) } : facts);
}

/** Variables are text: compared with a number or true/false they are read as such. */
function typedValues(env: PredicateFacts['env']): Readonly<Record<string, unknown>> {
  const typeOf = (text: string | undefined): unknown => {
    if (text === 'true' || text === 'false') return text === 'true';
    return text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  };
  return Object.fromEntries(Object.entries(env).map(([name, text]) => [name, typeOf(text)]));
}

/** Why a predicate can never look at anything, or null: its path must begin with profile, provider or env. */
export function predicateProblem(when: string): string | null {
  const parsed = parseExpression(when);
  if (!parsed.ok) return null;
  const facts = { profile: 'x', provider: 'x', env: { [parsed.expression.path[1] ?? '']: 'x' } };
  const seen = evaluateExpression({ kind: 'path', path: parsed.expression.path }, facts);
  return typeof seen === 'string' ? null : 'looks at nothing that is known before a run';
}
