import { check, NotMeasured, type Observed, type SuiteRun } from '../../harness/index.ts';
import { scalar, withPostgres } from '../support/stores.ts';
import { satisfies } from '../support/version.ts';

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

const boolean = (attempts: readonly Attempt[], evidence: Observed['evidence'] = 'inspected'): Observed => ({
  observation: { kind: 'boolean', attempts },
  evidence,
  witnesses: attempts.map(({ note }) => ({ source: 'postgres', saw: note })),
});

function postgresSpec(run: SuiteRun): Extract<SuiteRun['spec']['services'][number], { kind: 'postgres' }> {
  const spec = run.spec.services.find((service) => service.kind === 'postgres');
  if (spec === undefined) throw new NotMeasured('the target has no service of kind `postgres`');
  return spec;
}

check('preflight.postgres.version', async (run) => {
  const { name, version: expected } = postgresSpec(run);
  if (expected === null) throw new NotMeasured('the target asks for no Postgres version');
  const { url } = await run.service(name);
  const version = await withPostgres(url, (client) => scalar(client, 'show server_version'));
  const text = String(version);
  return boolean([{ ok: satisfies(text, expected), note: `server_version ${text}, asked for ${expected}` }]);
});

check('preflight.postgres.extensions', async (run) => {
  const { url } = await run.service(postgresSpec(run).name);
  const wanted = postgresSpec(run).extensions;
  if (wanted.length === 0) throw new NotMeasured('the target declares no extension');
  const installed = await withPostgres(url, (client) =>
    client.query<{ extname: string; extversion: string }>('select extname, extversion from pg_extension'),
  );
  const versions = new Map(installed.rows.map((row) => [row.extname, row.extversion]));
  return boolean(
    wanted.map((name) => ({
      ok: versions.has(name),
      note: versions.has(name) ? `${name} ${versions.get(name) ?? ''}` : `${name} is not installed`,
    })),
  );
});

check('preflight.postgres.durability', async (run) => {
  const { url } = await run.service(postgresSpec(run).name);
  const settings = ['fsync', 'full_page_writes', 'synchronous_commit'];
  const attempts = await withPostgres(url, async (client) => {
    const found: Attempt[] = [];
    for (const name of settings) {
      const value = String(await scalar(client, `show ${name}`));
      found.push({ ok: value !== 'off', note: `${name} = ${value} for the service role` });
    }
    return found;
  });
  return boolean(attempts);
});

check('preflight.postgres.role', async (run) => {
  const { url } = await run.service(postgresSpec(run).name);
  return withPostgres(url, async (client) => {
    const result = await client.query<{ rolname: string; rolsuper: boolean; rolbypassrls: boolean }>(
      'select rolname, rolsuper, rolbypassrls from pg_roles where rolname = current_user',
    );
    return boolean(
      result.rows.flatMap(({ rolname, rolsuper, rolbypassrls }) => [
        { ok: !rolsuper, note: `${rolname} is ${rolsuper ? '' : 'not '}superuser` },
        { ok: !rolbypassrls, note: `${rolname} is ${rolbypassrls ? '' : 'not '}exempt from row security` },
      ]),
    );
  });
});

check('preflight.migrations.head', async (run) => {
  const adminUrl = await run.adminUrl(postgresSpec(run).name);
  const { migrations, tables } = run.spec.stores;
  if (migrations === null) throw new NotMeasured('the target binds no `stores.migrations`');
  return withPostgres(adminUrl, async (client) => {
    const head = await headOf(client, migrations.head);
    const attempts: Attempt[] = [{ ok: head === migrations.expect, note: `schema head is ${head}, expected ${migrations.expect}` }];
    const present = await client.query<{ table_name: string }>(
      "select table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')",
    );
    const names = new Set(present.rows.map((row) => row.table_name));
    for (const table of tables)
      attempts.push({ ok: names.has(table), note: `table ${table} ${names.has(table) ? 'is there' : 'is missing'}` });
    return boolean(attempts);
  });
});

const UNDEFINED_TABLE = '42P01';

/** The schema's head; a database that was never migrated has no table to ask, and that is an answer. */
async function headOf(client: Parameters<Parameters<typeof withPostgres>[1]>[0], sql: string): Promise<string> {
  try {
    return String(await scalar(client, sql));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return `unknown (${error.message})`;
    throw error;
  }
}
