import { query } from './stores.ts';

/** Foreign keys whose columns no complete index begins with: `table.constraint`. */
export async function foreignKeysWithoutIndex(adminUrl: string): Promise<readonly string[]> {
  const { rows } = await query(
    adminUrl,
    `select c.conrelid::regclass || '.' || c.conname as name from pg_constraint c
     where c.contype = 'f' and c.connamespace = 'public'::regnamespace and not exists (
       select from pg_index i where i.indrelid = c.conrelid and i.indisvalid and i.indpred is null
         and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey)
     order by 1`,
  );
  return rows.map(({ name }) => String(name));
}

export async function columnsOf(adminUrl: string, table: string): Promise<readonly string[]> {
  const { rows } = await query(
    adminUrl,
    `select column_name from information_schema.columns where table_schema = 'public' and table_name = $1 order by ordinal_position`,
    [table],
  );
  return rows.map(({ column_name: name }) => String(name));
}

export async function labelsOf(adminUrl: string, type: string): Promise<readonly string[]> {
  const { rows } = await query(adminUrl, 'select enumlabel from pg_enum where enumtypid = $1::regtype order by enumsortorder', [type]);
  return rows.map(({ enumlabel }) => String(enumlabel));
}
