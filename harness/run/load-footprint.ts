import type { LoadPlan, LoadResult } from '../load/index.ts';
import type { JsonTemplate } from '../model/target.ts';
import { markedId } from '../model/mark.ts';
import type { Made } from './footprint-book.ts';

/** The same load; where it names no workspace it is given a new one. */
export function inOwnWorkspaces(plan: LoadPlan, mark: string): LoadPlan {
  return {
    ...plan,
    mix: plan.mix.map((entry) =>
      workspaceOf(entry) === null ? { ...entry, options: { ...entry.options, workspace: markedId(mark) } } : entry,
    ),
  };
}

/** The workspaces that it works in: those of checks are known already. */
export function workspacesOf(plan: LoadPlan): Made {
  return { workspaces: plan.mix.flatMap((entry) => workspaceOf(entry) ?? []) };
}

/** Whether its requests name the workspace is not known here. */
export function doneBy(plan: LoadPlan, { operations }: Pick<LoadResult, 'operations'>): Made {
  return {
    requests: operations
      .map(({ name, byOutcome }) => ({ request: `${name} (${plan.id})`, accepted: byOutcome.ok + byOutcome.degraded, inWorkspace: false }))
      .filter(({ accepted }) => accepted > 0),
  };
}

function workspaceOf({ options }: { readonly options?: Readonly<Record<string, JsonTemplate>> }): string | null {
  const named = options?.['workspace'];
  return typeof named === 'string' ? named : null;
}
