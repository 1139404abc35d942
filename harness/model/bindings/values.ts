import type { Expression, HttpTemplate } from '../target.ts';

/** Values that many change at once, and none of them as a whole: counters, sets, sums that stay the same. */
export interface ValuesBindings {
  /** A number that is only counted up, or only down: usage, quota, credit. Variables: `name`, `id` (from `create`), `amount`. */
  readonly counter?: CounterBinding;
  /** Members that are only added: tags, watchers, members of a team. Variables: `name`, `id` (from `create`), `value`. */
  readonly set?: SetBinding;
  /** Accounts among which something is moved, and that hold the same together at every moment. Variables: `name`, `id`, `from`, `to`, `amount`. */
  readonly bank?: BankBinding;
}

/** Makes what the value belongs to. */
export interface ValueMaker {
  readonly http: HttpTemplate;
  readonly id: Expression;
}

export interface CounterBinding {
  /** Without it `id` is `name`. */
  readonly create?: ValueMaker;
  /** Counts `amount`. */
  readonly add: HttpTemplate;
  /** `stalenessMs`: how old what is read may be. */
  readonly read: { readonly http: HttpTemplate; readonly value: Expression; readonly stalenessMs: number };
  /** What one `add` counts, and how the value shows it: below 0 where it goes down. */
  readonly step: number;
}

export interface SetBinding {
  /** Without it `id` is `name`. */
  readonly create?: ValueMaker;
  readonly add: HttpTemplate;
  /** All members in one answer: `value` in each of the `items`, or the items themselves. */
  readonly read: { readonly http: HttpTemplate; readonly items: Expression; readonly value?: Expression; readonly stalenessMs: number };
  /** Most members that one set may be given and that one answer holds. */
  readonly most: number;
}

export interface BankBinding {
  /** Makes an account with `amount` in it. Without `id` the account is called `name`. */
  readonly create: { readonly http: HttpTemplate; readonly id?: Expression };
  /** What every account is made with. */
  readonly opening: number;
  readonly accounts: number;
  /** What all accounts hold together; null: what the first look shows. */
  readonly total: number | null;
  /** Moves `amount` between the accounts `from` and `to`. */
  readonly transfer: HttpTemplate;
  /** All accounts in one answer, as they are at one moment. Others may be there too. */
  readonly read: { readonly http: HttpTemplate; readonly items: Expression; readonly account: Expression; readonly balance: Expression };
}
