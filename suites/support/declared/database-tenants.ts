import type { CheckDeclaration } from '../../../harness/index.ts';
import { GATES, row } from './row.ts';

const suite = 'database';

export const DATABASE_TENANTS: readonly CheckDeclaration[] = [
  row({
    id: 'database.tenants.isolation',
    suite,
    severity: 'P0',
    claim: 'no tenant reads or changes what another has, although it knows the id',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['tenants'],
    owner: 'security',
    hint: 'Put the tenant into the condition of every statement that finds a row by its id; answer 404 for what belongs to somebody else.',
  }),
  row({
    id: 'database.tenants.session_leak',
    suite,
    severity: 'P0',
    claim: 'lists and searches of two tenants at once show each of them its own, all of it and nothing else',
    kind: 'count',
    unit: 'count',
    minSamples: 400,
    requires: ['tenants', 'tenants.lists'],
    dependsOn: [...GATES, 'preflight.postgres.role'],
    owner: 'security',
    hint: "Set the tenant inside the transaction that reads (`set_config('app.tenant', $1, true)`), never for the session of a pooled connection.",
  }),
  row({
    id: 'database.tenants.cache',
    suite,
    severity: 'P0',
    claim: 'an answer that is kept for one tenant is not served to another',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['tenants', 'cache'],
    owner: 'security',
    hint: 'Put the tenant into the key of every cached answer.',
  }),
  row({
    id: 'database.tenants.rls_coverage',
    suite,
    severity: 'P0',
    claim:
      'every table with rows of tenants is guarded by row security that holds for the role of the services, or is exempt with a reason',
    kind: 'boolean',
    requires: ['postgres', 'stores.tenants'],
    dependsOn: [...GATES, 'preflight.postgres.role'],
    owner: 'security',
    hint: 'alter table … enable row level security, force row level security; create policy … using (tenant = current_setting(…)). Name in `stores.tenants.exempt` what needs none, and why.',
  }),
  row({
    id: 'database.tenants.rls_matrix',
    suite,
    severity: 'P0',
    claim:
      'the role of the services reaches no row of a tenant without saying who it is, and none of another tenant by reading, updating, deleting or inserting',
    kind: 'boolean',
    requires: ['postgres', 'tenants', 'stores.tenants.setting'],
    dependsOn: [...GATES, 'preflight.postgres.role', 'database.tenants.rls_coverage'],
    owner: 'security',
    hint: 'A policy must fail closed: no row without a tenant, the same condition for what is read (using) and what is written (with check).',
  }),
];
