import type { Expression, HttpTemplate } from '../target.ts';

/** Lists and searches: what they cost the database. */
export interface ListsBindings {
  /** Lists by a name of the target's choice. Variables: `workspace`; with `add` also `row`, the number of the row. */
  readonly lists?: ListsBinding;
}

export type ListsBinding = Readonly<Record<string, ListBinding>>;

export interface ListBinding {
  /** Adds one row to the list of `workspace`. Variables: `row`. */
  readonly add: HttpTemplate;
  readonly read: HttpTemplate;
  /** Where the answer has its rows: an array. */
  readonly items: Expression;
  /** Most rows that one list may be given and that one answer holds. */
  readonly most: number;
  /**
   * SQL, run in order, that puts many rows of others beside those of the list: a list must not read them. `$1` is their number, `$2` a
   * workspace id of their own. The place to `analyze` what was filled, too.
   */
  readonly fill?: readonly string[];
  /** SQL, run in order, that removes what `fill` wrote; `$1` is its workspace id. */
  readonly erase?: readonly string[];
}
