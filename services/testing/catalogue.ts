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

/** Indexes on the same plain columns of the same table as another one. */
export async function duplicateIndexes(adminUrl: string): Promise<readonly string[]> {
  return namesFrom(
    adminUrl,
    `select max(i.indexrelid::regclass::text) as name from pg_index i join pg_class t on t.oid = i.indrelid
     where t.relnamespace = 'public'::regnamespace and i.indpred is null and i.indexprs is null
     group by i.indrelid, i.indkey::text, i.indoption::text having count(*) > 1`,
  );
}

export async function invalidIndexes(adminUrl: string): Promise<readonly string[]> {
  return namesFrom(adminUrl, 'select indexrelid::regclass::text as name from pg_index where not indisvalid');
}

export async function tablesWithoutKey(adminUrl: string): Promise<readonly string[]> {
  return namesFrom(
    adminUrl,
    `select oid::regclass::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
       and not exists (select from pg_index where indrelid = pg_class.oid and indisprimary)`,
  );
}

async function namesFrom(adminUrl: string, sql: string): Promise<readonly string[]> {
  const { rows } = await query(adminUrl, sql);
  return rows.map(({ name }) => String(name));
}
