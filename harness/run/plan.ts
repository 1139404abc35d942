import { randomBytes, randomInt } from 'node:crypto';
import { MusterError } from '../model/errors.ts';
import type { Criterion } from '../model/criterion.ts';
import type { RunPlan } from '../model/plan.ts';
import type { ResolvedConfig } from '../config/index.ts';
import { externalCannot } from '../environment/index.ts';
import { missingCapabilities, type Limits } from './capabilities.ts';
import { missingRequirements } from './requirements.ts';

/** Limits for the whole run when the config gives none. */
const DEADLINE_MS = { quick: 5 * 60_000, full: 30 * 60_000, soak: 24 * 60 * 60_000 } as const;

export interface PlanOptions {
  readonly config: ResolvedConfig;
  /** Declared criteria of the profile after overrides. */
  readonly criteria: readonly Criterion[];
  /** Those of them that the selection leaves in. */
  readonly selected: readonly Criterion[];
  /** Suites in run order; only those with a selected criterion are run. */
  readonly suiteOrder: readonly string[];
  /** `--config` and `--target` as they were given. */
  readonly sources: readonly string[];
}

/** A short id that sorts by time and is unique on a host: `20260102-030405-1a2b`. */
export function newRunId(now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/gu, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(2).toString('hex')}`;
}

/** Everything the run will do, decided before anything starts. Throws a config MusterError when nothing is selected. */
export function makePlan({ config, criteria, selected, suiteOrder, sources }: PlanOptions, now: Date): RunPlan {
  const suites = suiteOrder.filter((suite) => selected.some((criterion) => criterion.suite === suite));
  if (suites.length === 0) throw nothingSelected(config);
  return {
    runId: newRunId(now),
    seed: config.seed ?? randomInt(2 ** 31),
    profile: config.profile,
    provider: config.provider,
    target: config.target,
    allow: config.allow,
    suites,
    criteria,
    selected: selected.map(({ id }) => id),
    deadlineMs: config.deadlineMs ?? DEADLINE_MS[config.profile],
    sources,
    outDir: config.outDir,
  };
}

/** What cannot be measured on this target, or with the provider that is asked for, known before the run: criterion id → reason. */
export function unmeasurable(plan: RunPlan): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const limits = limitsOf(plan);
  for (const criterion of plan.criteria) {
    if (criterion.notApplicable !== null) continue;
    const reason = missingRequirements(criterion, plan.target) ?? (limits && missingCapabilities(criterion, plan.target, limits));
    if (reason !== null) found.set(criterion.id, reason);
  }
  return found;
}

/** Of the other providers nothing is known before they have started something. */
function limitsOf({ provider, target, allow }: RunPlan): Limits | null {
  if (provider !== 'external') return null;
  return { cannot: externalCannot(allow), stores: target.services.filter((service) => service.kind !== 'http') };
}

function nothingSelected(config: ResolvedConfig): MusterError {
  const chosen = config.suites === null ? 'every suite' : config.suites.join(', ');
  const only = config.only === null ? '' : `, only ${config.only.join(', ')}`;
  return new MusterError(
    `The selection leaves no criterion: suites ${chosen}${only}, skipped ${config.skip.join(', ') || 'none'}, profile ${config.profile}.`,
    {
      code: 'MUSTER_NOTHING_SELECTED',
      blame: 'config',
      hint: 'Select at least one suite with --suite or one criterion with --only, or remove a --skip.',
    },
  );
}
