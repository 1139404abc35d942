import pg from 'pg';
import { holdMark, markedName, NotMeasured, type OwnThings, signature } from '../../../harness/index.ts';
import { scalar, withPostgres } from '../stores.ts';

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

const MADE = { what: 'databases', count: 1, inWorkspace: false };

/**
 * A run that dies with it in hand leaves it to the next run on this server.
 * @throws NotMeasured when the server does not let the harness make one.
 */
export async function makeScratchDatabase(url: string, adminUrl: string, own: OwnThings): Promise<ScratchDatabase> {
  const name = markedName('scratch', own.mark);
  const { role, searchPath, extensions } = await withPostgres(url, async (client) => ({
    role: pg.escapeIdentifier(String(await scalar(client, 'select current_user'))),
    searchPath: String(await scalar(client, 'show search_path')),
    extensions: (await client.query<Extension>(EXTENSIONS)).rows,
  }));
  const hold = await create(`create database ${name} owner ${role}`, adminUrl, own.mark).catch((error: unknown) => {
    const reason = `no database of its own could be made for the migrations (${messageOf(error)})`;
    throw new NotMeasured(`${reason}: allow the role of \`adminUrl\` to create databases for ${role}`);
  });
  own.made(MADE);
  const drop = async (): Promise<void> => {
    await using _ = hold;
    await withPostgres(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`), LIMIT_MS);
    own.removed(MADE);
  };
  const made = { url: inDatabase(url, name), adminUrl: inDatabase(adminUrl, name), [Symbol.asyncDispose]: drop };
  try {
    const furnish = async (client: pg.Client): Promise<void> => {
      await client.query(`comment on database ${name} is '${signature(own.mark, new Date())}'`);
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

/** The run says that it is alive before it makes anything, and until what it made is gone. */
async function create(sql: string, adminUrl: string, mark: string): Promise<AsyncDisposable> {
  const hold = await holdMark(adminUrl, mark);
  try {
    await withPostgres(adminUrl, (client) => client.query(sql), LIMIT_MS);
    return hold;
  } catch (error) {
    await hold[Symbol.asyncDispose]();
    throw error;
  }
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

const inDatabase = (url: string, name: string): string => Object.assign(new URL(url), { pathname: `/${name}` }).toString();
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
