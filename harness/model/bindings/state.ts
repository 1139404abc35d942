import type { Expression, HttpTemplate } from '../target.ts';

/** What is written by several at once: contexts with versions, documents, limits, idempotency keys. */
export interface StateBindings {
  /** A value with a version that grows by one with each write. Variables: `name`, `id`, `value`, `base`, `version`. */
  readonly context?: ContextBinding;
  /** A document that changes are merged into field by field. Variables: `name`, `id`, `fields`. */
  readonly state?: StateBinding;
  /** A request that may be sent again. Variables: `name`, `id`, `key`, `value`. */
  readonly idempotent?: IdempotentBinding;
  /** What there may be so many of in a workspace, and no more. Variables: `name`. */
  readonly cap?: CapBinding;
  /** What is kept for a while, by a name of its own each. No request: nobody waits for a thousand of them. */
  readonly retention?: Readonly<Record<string, RetentionRule>>;
}

export interface ContextBinding {
  /** Makes what the context belongs to; without it `id` is `name`. */
  readonly create?: { readonly http: HttpTemplate; readonly id: Expression };
  /** Writes `${value}` if the version still is `${base}` (a number). */
  readonly write: { readonly http: HttpTemplate; readonly version: Expression };
  readonly read: {
    readonly http: HttpTemplate;
    readonly version: Expression;
    readonly value: Expression;
    /** How old what is shown may be, as the target declares it; absent: a read shows what was acknowledged before it began. */
    readonly stalenessMs?: number;
  };
  /** Writes the value of version `${version}` as a new one. */
  readonly rollback?: { readonly http: HttpTemplate; readonly version: Expression };
  /** The version to name before anything was written. */
  readonly first: number;
  /** HTTP statuses that mean "another version". */
  readonly refused: readonly number[];
}

export interface StateBinding {
  /** Makes a document; without it `id` is `name`. */
  readonly create?: { readonly http: HttpTemplate; readonly id: Expression };
  /** Merges `${fields}`, an object of one field, into the document. */
  readonly patch: HttpTemplate;
  /** `fields` is where the answer has the object with all fields. */
  readonly read: { readonly http: HttpTemplate; readonly fields: Expression };
}

export interface IdempotentBinding {
  /** Makes what the requests go to. */
  readonly create?: { readonly http: HttpTemplate; readonly id: Expression };
  /** Carries `${key}` and `${value}`; `same` is what must be the same in every answer: an id, or a whole object. */
  readonly send: { readonly http: HttpTemplate; readonly same: Expression };
  /** Shows what was done: `value` in each of the `items`. */
  readonly read?: { readonly http: HttpTemplate; readonly items: Expression; readonly value: Expression };
  /** SQL that counts what was done with value `$1`. Second witness. */
  readonly effect?: string;
}

export interface CapBinding {
  readonly create: HttpTemplate;
  readonly limit: number;
  /** HTTP statuses that mean "no more". */
  readonly refused: readonly number[];
  /** Shows what there is in the workspace: a list. */
  readonly list?: { readonly http: HttpTemplate; readonly items: Expression };
}

export interface RetentionRule {
  /** SQL that puts `$2` rows that are to go one day under an owner of their own, `$1` (a new UUID). */
  readonly fill: string;
  /** SQL that counts what is left of them; `$1` is the owner. */
  readonly count: string;
  /** SQL that removes what is left of them in the end; `$1` is the owner. */
  readonly erase?: string;
  /** So many may stay. */
  readonly limit: number;
  /** By then the others are gone. */
  readonly withinMs: number;
}
