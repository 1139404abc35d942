import type pg from 'pg';

/** What belongs to the database itself, to an extension, or to the harness. */
const FOREIGN = `(n.nspname like 'pg\\_%' or n.nspname = 'information_schema' or n.nspname like 'muster\\_%')`;
const owned = (catalogue: string, oid: string): string =>
  `exists (select from pg_depend e where e.classid = '${catalogue}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;
/** A partition is made for data, not by a migration; what it is made of stands in its parent. */
const RELATIONS = `pg_class c join pg_namespace n on n.oid = c.relnamespace where not ${FOREIGN} and not c.relispartition and not ${owned('pg_class', 'c.oid')}`;
const TABLE = `c.relkind in ('r', 'p')`;

/**
 * One row per object: its kind, its name, and all that makes it what it is, except the order in which things were made. What the server copies for
 * each partition (`conparentid`) is no object of its own.
 */
const KINDS: readonly string[] = [
  `select 'schema', n.nspname::text, '' from pg_namespace n where not ${FOREIGN} and not ${owned('pg_namespace', 'n.oid')}`,
  `select 'table', n.nspname || '.' || c.relname, concat_ws(' ', c.relkind, c.relpersistence,
     case when c.relrowsecurity then 'row security' end, case when c.relforcerowsecurity then 'forced' end, pg_get_partkeydef(c.oid))
   from ${RELATIONS} and ${TABLE}`,
  `select 'column', n.nspname || '.' || c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
     case when a.attnotnull then 'not null' end, 'default ' || pg_get_expr(d.adbin, d.adrelid),
     case when a.attidentity <> '' then 'identity ' || a.attidentity::text end, case when a.attgenerated <> '' then 'generated' end,
     (select 'collate ' || collname from pg_collation o join pg_type t on t.oid = a.atttypid where o.oid = a.attcollation and o.oid <> t.typcollation))
   from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum, ${RELATIONS}
     and a.attrelid = c.oid and ${TABLE} and a.attnum > 0 and not a.attisdropped`,
  `select 'constraint', n.nspname || '.' || c.relname || '.' || k.conname,
     pg_get_constraintdef(k.oid) || case when k.convalidated then '' else ' not validated' end
   from pg_constraint k, ${RELATIONS} and k.conrelid = c.oid and k.contype not in ('n', 't') and k.conparentid = 0`,
  `select 'index', n.nspname || '.' || c.relname, pg_get_indexdef(c.oid) || case when i.indisvalid then '' else ' invalid' end
   from pg_index i, ${RELATIONS} and i.indexrelid = c.oid
     and not exists (select from pg_class t where t.oid = i.indrelid and (t.relispartition or ${owned('pg_class', 't.oid')}))`,
  `select 'sequence', n.nspname || '.' || c.relname,
     concat_ws(' ', format_type(s.seqtypid, null), s.seqstart, s.seqincrement, s.seqmin, s.seqmax, case when s.seqcycle then 'cycle' end,
       (select 'owned by ' || o.relnamespace::regnamespace || '.' || o.relname from pg_depend d join pg_class o on o.oid = d.refobjid
        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refobjsubid > 0 and d.deptype in ('a', 'i') limit 1))
   from pg_sequence s, ${RELATIONS} and s.seqrelid = c.oid`,
  `select 'enum', n.nspname || '.' || t.typname, (select string_agg(enumlabel, ', ' order by enumsortorder) from pg_enum where enumtypid = t.oid)
   from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'e' and not ${FOREIGN} and not ${owned('pg_type', 't.oid')}`,
  `select 'domain', n.nspname || '.' || t.typname, concat_ws(' ', format_type(t.typbasetype, t.typtypmod), case when t.typnotnull then 'not null' end,
     'default ' || t.typdefault, (select string_agg(pg_get_constraintdef(oid), ' ' order by conname) from pg_constraint where contypid = t.oid))
   from pg_type t join pg_namespace n on n.oid = t.typnamespace where t.typtype = 'd' and not ${FOREIGN} and not ${owned('pg_type', 't.oid')}`,
  `select 'function', n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
     case when p.prokind in ('f', 'p') then pg_get_functiondef(p.oid) else p.prokind::text end
   from pg_proc p join pg_namespace n on n.oid = p.pronamespace where not ${FOREIGN} and not ${owned('pg_proc', 'p.oid')}`,
  `select 'trigger', n.nspname || '.' || c.relname || '.' || g.tgname, concat_ws(' ', pg_get_triggerdef(g.oid), case when g.tgenabled = 'D' then 'disabled' end)
   from pg_trigger g, ${RELATIONS} and g.tgrelid = c.oid and not g.tgisinternal`,
  `select 'view', n.nspname || '.' || c.relname, concat_ws(' ', c.relkind, array_to_string(c.reloptions, ','), pg_get_viewdef(c.oid))
   from ${RELATIONS} and c.relkind in ('v', 'm')`,
  `select 'policy', n.nspname || '.' || c.relname || '.' || y.polname, concat_ws(' ', y.polcmd, case when y.polpermissive then '' else 'restrictive' end,
     (select string_agg(case r when 0 then 'public' else r::regrole::text end, ',' order by r::text) from unnest(y.polroles) r),
     'using ' || pg_get_expr(y.polqual, y.polrelid), 'check ' || pg_get_expr(y.polwithcheck, y.polrelid))
   from pg_policy y, ${RELATIONS} and y.polrelid = c.oid`,
];

const FINGERPRINT = KINDS.map((kind) => `(${kind})`).join(' union all ');

/** `kind name` → what it is. Two schemas are the same when their fingerprints are. */
export type Fingerprint = ReadonlyMap<string, string>;

/** Read from the catalogue: neither its version, nor the order in which the schema was made, nor a search path matters. */
export async function fingerprintOf(client: pg.Client): Promise<Fingerprint> {
  const rows = await withoutSearchPath(client);
  return new Map(rows.map(([kind, name, definition]) => [`${kind} ${name}`, (definition ?? '').replaceAll(/\s+/gu, ' ').trim()]));
}

/** What is on the search path is shown without its schema: it would differ where the path does. */
async function withoutSearchPath(client: pg.Client): Promise<readonly [string, string, string | null][]> {
  await client.query(`begin; set local search_path = ''`);
  try {
    return (await client.query<[string, string, string | null]>({ text: FINGERPRINT, rowMode: 'array' })).rows;
  } finally {
    await client.query('rollback');
  }
}

/** What `found` has that `expected` has not, lacks, and has otherwise: `+ index a.b`, `- column c.d.e`, `~ column c.d.f int → text`. */
export function differences(expected: Fingerprint, found: Fingerprint): readonly string[] {
  const added = [...found].filter(([name]) => !expected.has(name)).map(([name, is]) => `+ ${withText(name, is)}`);
  const lost = [...expected].filter(([name]) => !found.has(name)).map(([name, was]) => `- ${withText(name, was)}`);
  const changed = [...expected].flatMap(([name, was]) => {
    const is = found.get(name);
    return is === undefined || is === was ? [] : [`~ ${name} ${shortened(was)} → ${shortened(is)}`];
  });
  return [...lost, ...added, ...changed].toSorted((a, b) => a.slice(2).localeCompare(b.slice(2)));
}

const LONGEST = 160;
const shortened = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
const withText = (name: string, text: string): string => (text === '' ? name : `${name}: ${shortened(text)}`);
