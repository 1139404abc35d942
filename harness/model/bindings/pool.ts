import type { Expression, HttpTemplate } from '../target.ts';

/** What takes a connection of the pool. */
export interface PoolBindings {
  /** Work that can be made to wait inside the database, and work that fails there. Variables: `id` (from `create`), `name`, `value`. */
  readonly pool?: PoolBinding;
}

export interface PoolBinding {
  /** Makes the object that the work is on. */
  readonly create: { readonly http: HttpTemplate; readonly id: Expression };
  /** Needs a connection, and waits for whoever holds what `hold` takes. */
  readonly work: HttpTemplate;
  /** SQL that takes, within a transaction of the harness's own, what `work` needs; `$1` is the id. */
  readonly hold: string;
  /** Takes a connection and is refused by what it finds there. */
  readonly fail: HttpTemplate;
  /** HTTP statuses of that refusal. */
  readonly failed: readonly number[];
  /** Longest time a caller may be left without an answer, whatever the database does. */
  readonly withinMs: number;
}
