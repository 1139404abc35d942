import { check, NotMeasured, type Observed, type SuiteRun } from '../../harness/index.ts';
import { databaseAdmin, withPostgres } from '../support/stores.ts';

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

const boolean = (attempts: readonly Attempt[]): Observed => ({
  observation: { kind: 'boolean', attempts },
  evidence: 'inspected',
  witnesses: attempts.toSorted((a, b) => Number(a.ok) - Number(b.ok)).map(({ note }) => ({ source: 'the catalogue', saw: note })),
});

/** The names found for each declared one; null: there is no such thing. A name without its schema is what the services find by it. */
async function named(run: SuiteRun, names: readonly string[], sql: string): Promise<ReadonlyMap<string, readonly string[] | null>> {
  const found = new Map<string, readonly string[] | null>();
  const look = (url: string, wanted: readonly string[]): Promise<void> =>
    withPostgres(url, async (client) => {
      for (const name of wanted) {
        const { rows } = await client.query<{ found: readonly string[] | null }>(sql, [name]);
        found.set(name, rows[0]?.found ?? null);
      }
    });
  const [{ url }, adminUrl] = [await run.service('postgres'), await databaseAdmin(run)];
  await look(
    url,
    names.filter((name) => !name.includes('.')),
  );
  await look(
    adminUrl,
    names.filter((name) => (found.get(name) ?? null) === null),
  );
  return found;
}

const LABELS = `select array_agg(enumlabel::text order by enumsortorder) as found from pg_enum where enumtypid = to_regtype($1)`;
const COLUMNS = `select array_agg(attname::text order by attnum) as found from pg_attribute
  where attrelid = to_regclass($1) and attnum > 0 and not attisdropped`;

check('preflight.schema.enums', async (run) => {
  const { enums } = run.spec.stores;
  if (enums === undefined) throw new NotMeasured('the target has no binding `stores.enums`');
  const found = await named(run, Object.keys(enums), LABELS);
  return boolean(Object.entries(enums).map(([type, labels]) => compared(type, labels, found.get(type) ?? null)));
});

/** Other services know the labels of the declaration: one too many is as wrong as one that is missing. */
function compared(type: string, declared: readonly string[], found: readonly string[] | null): Attempt {
  if (found === null) return { ok: false, note: `there is no enumerated type ${type}` };
  const ok = found.length === declared.length && declared.every((label) => found.includes(label));
  return { ok, note: `${type} has the labels ${found.join(', ')}${ok ? '' : `; declared are ${declared.join(', ')}`}` };
}

check('preflight.schema.columns', async (run) => {
  const { columns } = run.spec.stores;
  if (columns === undefined) throw new NotMeasured('the target has no binding `stores.columns`');
  const found = await named(run, Object.keys(columns), COLUMNS);
  return boolean(Object.entries(columns).map(([table, wanted]) => missing(table, wanted, found.get(table) ?? null)));
});

function missing(table: string, wanted: readonly string[], found: readonly string[] | null): Attempt {
  if (found === null) return { ok: false, note: `there is no table ${table}` };
  const lost = wanted.filter((column) => !found.includes(column));
  return {
    ok: lost.length === 0,
    note: `${table} has ${lost.length === 0 ? `all of ${wanted.length} columns` : `no column ${lost.join(', ')}`}`,
  };
}
