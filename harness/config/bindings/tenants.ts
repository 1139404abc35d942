import type { TenantsBindings } from '../../model/bindings/tenants.ts';
import type { Builders } from '../build-request.ts';

/** What belongs to one tenant. As they are written in a target file. */
export const TENANTS_FIELDS = {};

/** The variables that a request of each binding is given, beside those that all are given. */
export const TENANTS_VARIABLES: Readonly<Record<keyof TenantsBindings, readonly string[]>> = {};

type User = Readonly<Record<keyof TenantsBindings, undefined>>;

/** In the model's form. */
export function buildTenants(_user: User, _build: Builders): TenantsBindings {
  return {};
}
