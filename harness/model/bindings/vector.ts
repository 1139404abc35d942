import type { Expression, HttpTemplate } from '../target.ts';

/** Searches by distance. */
export interface VectorBindings {
  /** A search for the nearest, and the column that it searches. Variables of `search`: `vector` (a list of numbers), `limit`. */
  readonly vector?: VectorBinding;
}

export interface VectorBinding {
  /** Answers with the nearest items of `${workspace}`, nearest first. */
  readonly search: {
    readonly http: HttpTemplate;
    readonly items: Expression;
    /** In an item: the row's key, as `key` has it. */
    readonly id: Expression;
  };
  readonly table: string;
  /** The column of vectors. */
  readonly column: string;
  /** The column that `search.id` names. */
  readonly key: string;
  /** The column that holds the `workspace`. */
  readonly workspace: string;
  /** The operator of distance that the target orders by: `<=>`, `<->`, `<#>`, `<+>`. */
  readonly operator: string;
  /** How many a search asks for. */
  readonly limit: number;
  /** Distance beyond which the target leaves out what it finds, by `operator`: of a cosine similarity of at least 0.7 it is 0.3. */
  readonly cutoff?: number;
  /** SQL that stores rows for workspace `$1`, one for each of the vectors `$2` (text[]). */
  readonly seed: string;
}
