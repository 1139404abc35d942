import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { NotMeasured } from '../../../harness/index.ts';
import { scalar, withPostgres } from '../stores.ts';

const PREFIX = 'muster_scratch_';
/** One that is left from a run that was killed is older than any check can be. */
const LEFT_AFTER_MS = 60 * 60_000;
/** A database is copied, and made and dropped with a checkpoint: a slow disk takes its time. */
const LIMIT_MS = 60_000;
/** Schemas that every database has. */
const GIVEN = new Set(['public', 'pg_catalog']);

/** An empty database on the target's own server, of the service's role, with the extensions and the search path that its database has. */
export interface ScratchDatabase extends AsyncDisposable {
  /** As the service's role. */
  readonly url: string;
  readonly adminUrl: string;
}

/** @throws NotMeasured when the server does not let the harness make one. */
export async function makeScratchDatabase(url: string, adminUrl: string): Promise<ScratchDatabase> {
  const name = `${PREFIX}${Date.now()}_${randomBytes(3).toString('hex')}`;
  const drop = async (): Promise<void> =>
    void (await withPostgres(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`), LIMIT_MS));
  const made = { url: inDatabase(url, name), adminUrl: inDatabase(adminUrl, name), [Symbol.asyncDispose]: drop };
  const { role, searchPath, extensions } = await withPostgres(url, async (client) => ({
    role: pg.escapeIdentifier(String(await scalar(client, 'select current_user'))),
    searchPath: String(await scalar(client, 'show search_path')),
    extensions: (await client.query<Extension>(EXTENSIONS)).rows,
  }));
  try {
    const create = async (client: pg.Client): Promise<void> => {
      await dropLeft(client);
      await client.query(`create database ${name} owner ${role}`);
    };
    await withPostgres(adminUrl, create, LIMIT_MS);
  } catch (error) {
    const reason = `no database of its own could be made for the migrations (${messageOf(error)})`;
    throw new NotMeasured(`${reason}: allow the role of \`adminUrl\` to create databases for ${role}`);
  }
  try {
    const furnish = async (client: pg.Client): Promise<void> => {
      for (const extension of extensions) await makeExtension(client, extension, role);
      await client.query("select set_config('search_path', $1, false)", [searchPath]);
      await client.query(`alter database ${name} set search_path from current`);
    };
    await withPostgres(made.adminUrl, furnish, LIMIT_MS);
  } catch (error) {
    await drop();
    throw new NotMeasured(`the extensions of the service's database could not be made in an empty one (${messageOf(error)})`);
  }
  return made;
}

interface Extension {
  readonly extname: string;
  readonly nspname: string;
}

const EXTENSIONS = `select extname, nspname from pg_extension join pg_namespace n on n.oid = extnamespace where extname <> 'plpgsql' order by 1`;

/** In the schema where it is in the service's database: migrations may call it by that. */
async function makeExtension(client: pg.Client, { extname, nspname }: Extension, role: string): Promise<void> {
  const schema = pg.escapeIdentifier(nspname);
  if (!GIVEN.has(nspname)) await client.query(`create schema if not exists ${schema} authorization ${role}`);
  await client.query(`create extension if not exists ${pg.escapeIdentifier(extname)} with schema ${schema} cascade`);
}

/** Not those of a run beside this one: their names say when they were made. */
async function dropLeft(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ datname: string }>('select datname from pg_database where datname ~ $1', [`^${PREFIX}[0-9]+_`]);
  for (const { datname } of rows) {
    const madeAtMs = Number(datname.slice(PREFIX.length).split('_')[0]);
    if (Date.now() - madeAtMs > LEFT_AFTER_MS) await client.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`);
  }
}

const inDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
