import type { Client } from 'pg';

/** A table whose rows belong to tenants, as the catalogue describes it for the role that asks. */
export interface TenantTable {
  /** As the role writes it: quoted where needed, with its schema where that is not on the search path. */
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** The role owns it, and is held by policies only where they are forced. */
  readonly owned: boolean;
  readonly policies: number;
  /** Policies for this role that hold for every row. */
  readonly open: readonly string[];
}

const TABLES = `
  select c.oid::regclass::text as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    pg_has_role(c.relowner, 'USAGE') as owned, count(p.oid)::int as policies,
    coalesce(array_agg(p.polname::text) filter (where p.polpermissive and p.polcmd <> 'a'
      and pg_get_expr(p.polqual, p.polrelid) = 'true'), '{}') as open
  from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = $1 and not a.attisdropped
    left join pg_policy p on p.polrelid = c.oid
      and (p.polroles = '{0}' or exists (select from unnest(p.polroles) r where pg_has_role(r, 'USAGE')))
  where c.relkind in ('r', 'p') and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
    and has_schema_privilege(n.oid, 'usage') and (has_table_privilege(c.oid, 'delete')
      or has_any_column_privilege(c.oid, 'select, insert, update'))
  group by c.oid
  order by 1`;

/** Every table with a column of that name that the role may do anything with. `client` is the services' own role. */
export async function tenantTables(client: Client, column: string): Promise<readonly TenantTable[]> {
  return (await client.query<TenantTable>(TABLES, [column])).rows;
}

export type Guard = { readonly ok: boolean; readonly note: string };

/** Whether the database itself keeps the tenants of a table apart for this role. */
export function guardOf({ name, enabled, forced, owned, policies, open }: TenantTable): Guard {
  const bad = (note: string): Guard => ({ ok: false, note: `${name}: ${note}` });
  if (!enabled) return bad('row security is off, so that any statement without the tenant shows the rows of all');
  if (owned && !forced) return bad('row security is not forced, and the services own the table: its policies do not hold for them');
  if (open.length > 0) return bad(`policy ${open.join(', ')} holds for every row`);
  if (policies === 0) return { ok: true, note: `${name}: row security without a policy: no row is visible to anybody` };
  return {
    ok: true,
    note: `${name}: row security ${forced ? 'is forced' : 'holds for this role'}, ${policies === 1 ? '1 policy' : `${policies} policies`}`,
  };
}
