import type pg from 'pg';
import { isIgnored } from './ignored.ts';

/** What was looked at, and what is wrong with some of it. */
export interface Lint {
  readonly looked: number;
  readonly found: readonly string[];
  /** Things that were not looked at: `ignore` names their table. */
  readonly ignored: number;
}

const OWN = `n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_%' and n.nspname not like 'muster\\_%'`;
const NOT_OF_EXTENSION = (oid: string): string =>
  `not exists (select from pg_depend e where e.classid = 'pg_class'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

interface Found {
  readonly name: string;
  /** The table, with its schema. */
  readonly of: string;
  readonly problem: string | null;
}

type Linter = (client: pg.Client, ignore: readonly string[]) => Promise<Lint>;

const linter =
  (sql: string): Linter =>
  async (client, ignore) => {
    const { rows } = await client.query<Found>(sql);
    const own = rows.filter((row) => !isIgnored(row.of, ignore));
    const found = own.flatMap(({ name, problem }) => (problem === null ? [] : `${name}: ${problem}`));
    return { looked: own.length, found, ignored: rows.length - own.length };
  };

/** Foreign keys whose columns no index begins with, in whichever order. One without the rows that refer to nothing is as good. */
export const foreignKeysWithoutIndex = linter(
  `select c.conrelid::regclass || '.' || c.conname as name, n.nspname || '.' || t.relname as of, case when not exists (
       select from pg_index i where i.indrelid = c.conrelid and i.indisvalid and i.indnkeyatts >= cardinality(c.conkey)
         and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey
         and (i.indpred is null or exists (select from pg_attribute p where p.attrelid = c.conrelid and p.attnum = any(c.conkey)
           and pg_get_expr(i.indpred, i.indrelid) = format('(%I IS NOT NULL)', p.attname))))
     then format('no index begins with (%s): create index on %s (%s)', k.columns, c.conrelid::regclass, k.columns) end as problem
   from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_namespace n on n.oid = t.relnamespace
   cross join lateral (select string_agg(quote_ident(attname), ', ' order by o) as columns
     from unnest(c.conkey) with ordinality as u (attnum, o) join pg_attribute a on a.attrelid = c.conrelid and a.attnum = u.attnum) k
   where c.contype = 'f' and c.conparentid = 0 and not t.relispartition and ${OWN} and ${NOT_OF_EXTENSION('t.oid')} order by 1`,
);

/** Of indexes that are the same but for their names, all but the first. One that is behind a constraint is needed. */
export const duplicateIndexes = linter(
  `select i.indexrelid::regclass::text as name, n.nspname || '.' || t.relname as of, case when d.first is not null and not exists (select from pg_constraint where conindid = i.indexrelid)
     then format('the same as %s: %s', d.first, pg_get_indexdef(i.indexrelid)) end as problem
   from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
   cross join lateral (select min(o.indexrelid::regclass::text) as first from pg_index o
     join pg_class oc on oc.oid = o.indexrelid join pg_class ic on ic.oid = i.indexrelid
     where o.indrelid = i.indrelid and o.indexrelid <> i.indexrelid and oc.relam = ic.relam and o.indisvalid
       and o.indkey::text = i.indkey::text and o.indclass::text = i.indclass::text and o.indcollation::text = i.indcollation::text
       and o.indoption::text = i.indoption::text and o.indisunique >= i.indisunique
       and coalesce(pg_get_expr(o.indexprs, o.indrelid), '') = coalesce(pg_get_expr(i.indexprs, i.indrelid), '')
       and coalesce(pg_get_expr(o.indpred, o.indrelid), '') = coalesce(pg_get_expr(i.indpred, i.indrelid), '')
       and (o.indisunique > i.indisunique or exists (select from pg_constraint where conindid = o.indexrelid) or o.indexrelid < i.indexrelid)) d
   where i.indisvalid and not t.relispartition and ${OWN} and ${NOT_OF_EXTENSION('t.oid')} order by 1`,
);

/** Left by CREATE INDEX CONCURRENTLY that failed: every write keeps it up to date, no query may use it. One that is being made is none of them. */
export const invalidIndexes = linter(
  `select i.indexrelid::regclass::text as name, n.nspname || '.' || t.relname as of, case when (not i.indisvalid or not i.indisready)
       and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
     then format('on %s is not valid: drop it, mend what it failed on, create it again', i.indrelid::regclass) end as problem
   from pg_index i join pg_class t on t.oid = i.indrelid join pg_namespace n on n.oid = t.relnamespace
   where ${OWN} and ${NOT_OF_EXTENSION('t.oid')} order by 1`,
);

export const tablesWithoutKey = linter(
  `select t.oid::regclass::text as name, n.nspname || '.' || t.relname as of, case when not exists (select from pg_index where indrelid = t.oid and indisprimary)
     then 'has no primary key' end as problem
   from pg_class t join pg_namespace n on n.oid = t.relnamespace
   where t.relkind in ('r', 'p') and not t.relispartition and ${OWN} and ${NOT_OF_EXTENSION('t.oid')} order by 1`,
);
