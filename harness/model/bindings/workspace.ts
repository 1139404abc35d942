import type { HttpTemplate } from '../target.ts';

/** What the checks made is removed with the workspaces that they made it in. */
export interface WorkspaceBindings {
  /** How a workspace is removed with all that is in it, at the end of a run on a target that outlives it. */
  readonly workspace?: WorkspaceBinding;
}

export interface WorkspaceBinding {
  /** Removes `${workspace}`; sent once for each. "There is none" is as good. */
  readonly remove?: HttpTemplate;
  /** SQL, run in order in one transaction, as an administrator; `$1` are the ids (text[]). */
  readonly erase?: readonly string[];
}
