import type { CheckDeclaration, Criterion } from '../model/criterion.ts';
import { MusterError } from '../model/errors.ts';
import { parseThreshold, type Threshold } from '../model/threshold.ts';
import { InvalidConfigError } from './errors.ts';
import { mistakeOf } from './finding.ts';
import { deepFreeze } from './freeze.ts';
import { lintBounds } from './lint-criteria.ts';
import type { CriterionOverride } from './overrides.ts';
import type { ResolvedConfig } from './resolved.ts';
import { select, type Selection } from './selection.ts';

/** Used when neither the declaration nor the config gives one. */
const DEFAULT_CONFIDENCE = 0.95;

/** The parts of a config that decide which criteria there are and what their bounds are. */
export type CriteriaConfig = Pick<ResolvedConfig, 'criteria'> & Selection;

/**
 * The criteria of this run: those that are selected, with the config's overrides, frozen.
 * @throws InvalidConfigError with every override that contradicts its declaration.
 * @throws MusterError MUSTER_INVALID_DECLARATION (blame harness) when a declaration's own bound cannot be read.
 */
export function resolveCriteria(
  declarations: readonly CheckDeclaration[],
  config: CriteriaConfig,
): { readonly criteria: readonly Criterion[] } {
  const selected = select(declarations, config);
  const findings = selected.flatMap((declaration) => lintBounds(declaration.id, overrideOf(declaration, config), declaration));
  if (findings.length > 0) {
    const source = { label: null, value: null, lineOf: () => null };
    throw new InvalidConfigError(findings.map((finding) => mistakeOf(finding, source, new Set())));
  }
  return { criteria: deepFreeze(selected.map((declaration) => criterionOf(declaration, overrideOf(declaration, config)))) };
}

function overrideOf(declaration: CheckDeclaration, config: CriteriaConfig): CriterionOverride {
  return Object.hasOwn(config.criteria, declaration.id) ? (config.criteria[declaration.id] ?? {}) : {};
}

function criterionOf(declaration: CheckDeclaration, override: CriterionOverride): Criterion {
  const { profiles: _, ...kept } = declaration;
  return {
    ...kept,
    severity: override.severity ?? declaration.severity,
    minSamples: override.minSamples ?? declaration.minSamples,
    owner: override.owner ?? declaration.owner,
    pass: boundOf(override.pass ?? declaration.pass, declaration.id),
    nogo: boundOf(override.nogo ?? declaration.nogo, declaration.id),
    confidence: override.confidence ?? DEFAULT_CONFIDENCE,
    notApplicable: override.notApplicable ?? null,
  };
}

function boundOf(text: string | null, id: string): Threshold | null {
  if (text === null) return null;
  const parsed = parseThreshold(text);
  if (parsed.ok) return parsed.threshold;
  throw new MusterError(`The declaration of ${id} has the bound "${text}", which ${parsed.problem}.`, {
    code: 'MUSTER_INVALID_DECLARATION',
    blame: 'harness',
    hint: 'Correct the row in the table of declared checks.',
  });
}
