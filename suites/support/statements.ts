import type pg from 'pg';
import { NotMeasured } from '../../harness/index.ts';
import { countsBetween, type Counts, type StatementCount } from './statement-counts.ts';
import { observerOf } from './stores.ts';

/** Written into each statement of ours, so that it is left out where the target uses the same role. */
const OWN = '/* muster */';
const NAME = 'pg_stat_statements';

/** What the target's role asks of its database, as pg_stat_statements counts it: at once, without any lag. */
export interface Statements extends AsyncDisposable {
  look(): Promise<Look>;
  /** What was asked while `work` was done. @throws NotMeasured when counts were thrown away meanwhile. */
  during<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly counts: Counts }>;
}

interface Look {
  readonly counts: Counts;
  /** How many statements were forgotten for want of room, and when counting began anew. */
  readonly forgotten: string;
}

export interface WatchedRole {
  /** The harness's own way into the server. */
  readonly adminUrl: string;
  /** As the target's services connect: role and database are whose statements are counted. */
  readonly serviceUrl: string;
}

/** @throws NotMeasured with what is missing: the extension, or the right to read what others ask. */
export async function watchStatements({ adminUrl, serviceUrl }: WatchedRole): Promise<Statements> {
  const service = new URL(serviceUrl);
  const [role, database] = [decodeURIComponent(service.username), decodeURIComponent(service.pathname.slice(1))];
  const { client, view } = await connectedToView(adminUrl, database);
  const look = async (): Promise<Look> => lookAt(client, view, [role, database]);
  const close = (): Promise<void> => client.end();
  try {
    await requireSight(client);
    await look();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    look,
    async during(work) {
      const before = await look();
      const value = await work();
      const after = await look();
      requireSame(before, after);
      return { value, counts: countsBetween(before.counts, after.counts) };
    },
    [Symbol.asyncDispose]: close,
  };
}

/** Counts that were evicted or reset between two looks say nothing. */
function requireSame(before: Look, after: Look): void {
  if (before.forgotten === after.forgotten) return;
  throw new NotMeasured(
    `${NAME} has forgotten statements meanwhile (deallocated and reset: ${before.forgotten} before, ${after.forgotten} after): raise \`${NAME}.max\`, and reset it at no time during a run`,
  );
}

interface View {
  readonly client: pg.Client;
  /** Its schema, quoted. */
  readonly view: string;
}

/** The counts are the server's: the extension may be in the target's database or in `postgres`. */
async function connectedToView(adminUrl: string, database: string): Promise<View> {
  const problems: string[] = [];
  for (const name of new Set([database, 'postgres'])) {
    const url = Object.assign(new URL(adminUrl), { pathname: `/${encodeURIComponent(name)}` }).toString();
    const client = observerOf(url);
    try {
      await client.connect();
      const { rows } = await client.query<{ schema: string }>(
        `select ${OWN} quote_ident(nspname) as schema from pg_extension join pg_namespace n on n.oid = extnamespace where extname = '${NAME}'`,
      );
      const [found] = rows;
      if (found !== undefined) return { client, view: `${found.schema}.${NAME}` };
      problems.push(`it is not in the database "${name}"`);
    } catch (error) {
      problems.push(`the database "${name}" could not be asked (${error instanceof Error ? error.message : String(error)})`);
    }
    await client.end().catch(() => undefined); // the reason is known already
  }
  throw new NotMeasured(
    `what the target asks its database cannot be counted without the extension ${NAME}: ${problems.join(', ')}. Preload it (shared_preload_libraries) and \`create extension ${NAME}\` in one of them`,
  );
}

/** A role without this right is shown the counts without whose they are. */
async function requireSight(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ me: string; sees: boolean }>(
    `select ${OWN} current_user as me, pg_has_role(current_user, 'pg_read_all_stats', 'usage') as sees`,
  );
  if (rows[0]?.sees === true) return;
  throw new NotMeasured(
    `the role "${rows[0]?.me ?? 'of the admin url'}" may not see what other roles ask (${NAME} hides their statements): grant it pg_monitor`,
  );
}

/** Columns have other names in other versions; what one version has not is looked up under its older name. */
interface Row {
  readonly id: string | null;
  readonly query: string;
  readonly calls: string;
  readonly total: number | null;
  readonly rows: string;
  readonly blocks: string;
  readonly temp: string;
}

async function lookAt(client: pg.Client, view: string, [role, database]: readonly [string, string]): Promise<Look> {
  try {
    const { rows } = await client.query<Row>(
      `select ${OWN} s.queryid::text as id, s.query, s.calls, coalesce(j->>'total_exec_time', j->>'total_time')::float8 as total, s.rows,
         s.shared_blks_hit + s.shared_blks_read as blocks, s.temp_blks_written as temp
       from ${view} s, lateral to_jsonb(s) j
       where s.userid = (select oid from pg_roles where rolname = $1) and s.dbid = (select oid from pg_database where datname = $2)
         and coalesce((j->>'toplevel')::boolean, true) and s.query not like '%/* muster */%'`,
      [role, database],
    );
    return { counts: new Map(rows.flatMap((row) => countOf(row))), forgotten: await forgotten(client, view) };
  } catch (error) {
    throw new NotMeasured(`${NAME} could not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function countOf(row: Row): readonly (readonly [string, StatementCount])[] {
  if (row.id === null) return [];
  const [calls, rows, blocks, tempBlocks] = [row.calls, row.rows, row.blocks, row.temp].map(Number);
  return [
    [
      row.id,
      {
        id: row.id,
        text: row.query,
        calls: calls ?? 0,
        totalMs: row.total ?? 0,
        rows: rows ?? 0,
        blocks: blocks ?? 0,
        tempBlocks: tempBlocks ?? 0,
      },
    ],
  ];
}

/** Before version 14 the server does not tell what it forgot: then a full view is all there is to see. */
async function forgotten(client: pg.Client, view: string): Promise<string> {
  const info = `${view}_info`;
  const known = await client.query<{ there: boolean }>(`select ${OWN} to_regclass('${info}') is not null as there`);
  const sql =
    known.rows[0]?.there === true
      ? `select ${OWN} dealloc || ' since ' || stats_reset as text from ${info}`
      : `select ${OWN} case when count(*) >= current_setting('${NAME}.max')::int * 0.95 then clock_timestamp()::text else '0' end as text from ${view}`;
  const { rows } = await client.query<{ text: string }>(sql);
  return rows[0]?.text ?? '';
}
