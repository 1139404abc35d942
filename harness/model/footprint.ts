/** A kind of thing that a run has made at a target that outlives it. */
export interface MadeThing {
  /** In the reader's words, in the plural: `databases`, `rows of lists.tasks.fill`. */
  readonly what: string;
  readonly made: number;
  readonly removed: number;
  /** It is in a workspace of the run, and goes with that where it was not removed before. */
  readonly inWorkspace: boolean;
}

/** Requests that may have made something, and that the target accepted. */
export interface AcceptedRequest {
  /** Method and path as the binding writes them, or what a load did. */
  readonly request: string;
  readonly accepted: number;
  /** It names the workspace: what it made goes with that. */
  readonly inWorkspace: boolean;
}

/** What a run has made at a target that outlives it, and what of it was removed again. */
export interface Footprint {
  /** In the names of all databases and schemas of the run: `muster_<kind>_<mark>_…`. */
  readonly mark: string;
  /** Every workspace id that the run made up begins with it. */
  readonly workspacePrefix: string;
  readonly things: readonly MadeThing[];
  readonly requests: readonly AcceptedRequest[];
  /** Why something is left, and how it can be removed: full sentences. */
  readonly notes: readonly string[];
}
