import { z } from 'zod';
import type { TenantsBinding, TenantsBindings } from '../../model/bindings/tenants.ts';
import type { Builders } from '../build-request.ts';
import { withoutUndefined } from '../build-request.ts';
import { expression, headerName } from '../leaves.ts';
import { httpFields, request } from '../schema-request.ts';

const headers = z.record(headerName, z.string());

const tenants = z.strictObject({
  as: z.tuple([headers, headers]).optional(),
  create: z.strictObject({ ...httpFields, id: expression }),
  fill: z.array(request).optional(),
  read: z.array(request).min(1),
  change: z.array(request).optional(),
  lists: z.array(request).optional(),
});

/** What belongs to one tenant. As they are written in a target file. */
export const TENANTS_FIELDS = { tenants: tenants.optional() };

/** The variables that a request of each binding is given, beside those that all are given. */
export const TENANTS_VARIABLES: Readonly<Record<keyof TenantsBindings, readonly string[]>> = {
  tenants: ['marker', 'id', 'agent', 'workspace', 'op'],
};

interface User {
  readonly tenants?: z.infer<typeof tenants> | undefined;
}

/** In the model's form. */
export function buildTenants({ tenants: user }: User, build: Builders): TenantsBindings {
  return withoutUndefined({ tenants: user && tenantsOf(user, build) });
}

function tenantsOf(user: z.infer<typeof tenants>, build: Builders): TenantsBinding {
  const each = (requests: typeof user.fill): TenantsBinding['fill'] => (requests ?? []).map(build.request);
  return withoutUndefined({
    as: user.as,
    create: { http: build.fields(user.create), id: user.create.id },
    fill: each(user.fill),
    read: each(user.read),
    change: each(user.change),
    lists: each(user.lists),
  });
}
