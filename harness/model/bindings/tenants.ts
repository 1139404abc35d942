import type { Expression, HttpTemplate } from '../target.ts';

/** What belongs to one tenant. */
export interface TenantsBindings {
  /** What two tenants do, each in its own `workspace`. Variables: `marker` (a word of the tenant's own), `id` (of an object). */
  readonly tenants?: TenantsBinding;
}

export interface TenantsBinding {
  /** Headers by which the target knows the one tenant and the other, beside `${workspace}`. */
  readonly as?: readonly [Readonly<Record<string, string>>, Readonly<Record<string, string>>];
  /** Makes an object that carries `${marker}`. */
  readonly create: { readonly http: HttpTemplate; readonly id: Expression };
  /** What else is written for the tenant once it has the object `${id}`. */
  readonly fill: readonly HttpTemplate[];
  /** Read one object by `${id}`. */
  readonly read: readonly HttpTemplate[];
  /** Change or remove one object by `${id}`. */
  readonly change: readonly HttpTemplate[];
  /** Show what the tenant has, each item with its marker: lists, searches. */
  readonly lists: readonly HttpTemplate[];
}
