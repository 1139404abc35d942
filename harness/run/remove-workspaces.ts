import type { Environment } from '../model/environment.ts';
import type { RunPlan } from '../model/plan.ts';
import type { HttpTemplate } from '../model/target.ts';
import { createTargetClient, type TargetClient } from '../target/index.ts';

/** All of it together, and one request: a target that does not answer keeps no run from ending. */
const WITHIN_MS = 15_000;
const REQUEST_MS = 5_000;
const AT_ONCE = 4;
/** A target that refused so many is not asked for the rest. */
const ENOUGH = 5;

/** "There is none": nothing was made in it. */
const NONE: ReadonlySet<number | null> = new Set([404, 410]);

export interface Removing {
  readonly plan: Pick<RunPlan, 'target' | 'allow'>;
  readonly environment: Pick<Environment, 'services'>;
  readonly template: HttpTemplate;
  readonly ids: readonly string[];
}

export interface Removed {
  readonly removed: number;
  /** Why not all of them, as a clause; null: all of them. */
  readonly problem: string | null;
}

/** Asks the target to remove each workspace. */
export async function removeWorkspaces({ plan, environment, template, ids }: Removing): Promise<Removed> {
  await using target = createTargetClient({
    target: plan.target,
    urls: Object.fromEntries([...environment.services.values()].map(({ name, url }) => [name, url])),
    allowedHosts: plan.allow.hosts,
    timeoutMs: REQUEST_MS,
  });
  const signal = AbortSignal.timeout(WITHIN_MS);
  const queue = ids.values();
  const refusals: string[] = [];
  let removed = 0;
  const lane = async (): Promise<void> => {
    for (const workspace of queue) {
      if (signal.aborted || refusals.length >= ENOUGH) return;
      const refusal = await removeOne(target, { template, workspace, signal });
      if (refusal === null) removed += 1;
      else refusals.push(refusal);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (removed === ids.length) return { removed, problem: null };
  return { removed, problem: refusals[0] ?? `it took longer than ${String(WITHIN_MS / 1000)} s` };
}

interface One {
  readonly template: HttpTemplate;
  readonly workspace: string;
  readonly signal: AbortSignal;
}

/** null: it is gone. */
async function removeOne(target: TargetClient, { template, workspace, signal }: One): Promise<string | null> {
  const { outcome, status, error } = await target.request(template, { workspace }, { signal });
  if (outcome === 'ok' || outcome === 'degraded' || NONE.has(status)) return null;
  return `${template.method} ${template.path} was answered with ${error ?? `status ${String(status)}`}`;
}
