import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { OBSERVER } from '../stores.ts';

const LIMIT_MS = 60_000;
/** Between two passes of a reader or writer, who are not there to keep the machine busy. */
const PASS_EVERY_MS = 5;
/** Between two looks at who keeps whom waiting: for the story only, not for what is measured. */
const LOOK_EVERY_MS = 20;
const MOST_TABLES = 4;

/** One pass of a reader or a writer: what it waited for a lock, by the server's clock. */
export interface Stall {
  readonly table: string;
  readonly work: 'read' | 'write';
  readonly ms: number;
}

export interface Canary extends AsyncDisposable {
  /** Ends it; what each pass waited. */
  stop(): Promise<readonly Stall[]>;
  /** Who kept it waiting, in the statement's words. */
  readonly blockers: ReadonlySet<string>;
}

/** The locks that every insert, update and select takes; the first row as well, which an update of all rows locks. */
const WORK = {
  read: (table: string) => `lock table ${table} in access share mode`,
  write: (table: string) => `lock table ${table} in row exclusive mode; select 1 from ${table} limit 1 for no key update`,
};

interface Worker {
  readonly client: pg.Client;
  readonly table: string;
  readonly work: Stall['work'];
}

/**
 * Reads and writes, as services would, all the time: a reader and a writer for each table, the first four of them, where the role may.
 * Nothing is changed.
 */
export async function startCanary(url: string, tables: readonly string[]): Promise<Canary> {
  const ending = new AbortController();
  const stalls: Stall[] = [];
  const blockers = new Set<string>();
  const clients: pg.Client[] = [];
  const close = async (): Promise<void> => void (await Promise.allSettled(clients.map((client) => client.end())));
  const opened = async (): Promise<pg.Client> => {
    const client = clientOf(url);
    clients.push(client);
    await client.connect();
    return client;
  };
  let running: Promise<unknown>;
  try {
    const observer = await opened();
    const workers = await workersOn(tables.slice(0, MOST_TABLES), opened);
    running = Promise.all([...workers.map((worker) => passes(worker, stalls, ending.signal)), looks(observer, blockers, ending.signal)]);
    running.catch(() => undefined); // told by stop
  } catch (error) {
    await close();
    throw error;
  }
  return {
    blockers,
    async stop() {
      ending.abort();
      await running;
      return stalls;
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      await running.catch(() => undefined); // told by stop
      await close();
    },
  };
}

/** A reader and a writer for each table, where the role may read and write it. Their first pass is not measured. */
async function workersOn(tables: readonly string[], opened: () => Promise<pg.Client>): Promise<readonly Worker[]> {
  const workers: Worker[] = [];
  for (const table of tables)
    for (const work of ['read', 'write'] as const) {
      const worker = { client: await opened(), table, work };
      if (await pass(worker, [])) workers.push(worker);
    }
  return workers;
}

function clientOf(connectionString: string): pg.Client {
  // The server's limit comes first: it says why a statement ended.
  const limits = { query_timeout: LIMIT_MS + 5_000, lock_timeout: LIMIT_MS, statement_timeout: LIMIT_MS };
  const client = new pg.Client({ connectionString, application_name: OBSERVER, ...limits });
  client.on('error', () => undefined); // the statement under way rejects with the same error
  return client;
}

/** Until it is over, or a migration takes the table away. */
async function passes(worker: Worker, stalls: Stall[], signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (await pass(worker, stalls))) await delay(PASS_EVERY_MS);
}

/** There is no such table any more, or the role may not do this with it. */
const OVER: ReadonlySet<string> = new Set(['42P01', '42501']);
/** The server ended the wait: a limit, or a deadlock with the migration. */
const ENDED: ReadonlySet<string> = new Set(['55P03', '57014', '40P01']);

async function pass({ client, table, work }: Worker, stalls: Stall[]): Promise<boolean> {
  const startMs = performance.now();
  try {
    stalls.push({ table, work, ms: await waited(client, WORK[work](table)) });
  } catch (error) {
    const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
    if (OVER.has(code)) return false;
    if (!ENDED.has(code)) throw error;
    stalls.push({ table, work, ms: performance.now() - startMs });
    await client.query('rollback');
  }
  return true;
}

/** In one message to the server, whose clock is read before and after: how late the harness is does not count. */
async function waited(client: pg.Client, locks: string): Promise<number> {
  const clock = 'select extract(epoch from clock_timestamp())::float8 * 1000 as ms';
  const results = (await client.query(`begin; ${clock}; ${locks}; ${clock}; rollback`)) as unknown as readonly pg.QueryResult<{
    ms: number;
  }>[];
  const [before, after] = results.flatMap(({ rows }) => rows.flatMap(({ ms }) => (typeof ms === 'number' ? [ms] : [])));
  if (before === undefined || after === undefined) throw new Error('the server did not tell the time'); // invariant: it was asked twice
  return after - before;
}

async function looks(observer: pg.Client, blockers: Set<string>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const { rows } = await observer.query<{ query: string }>(
      `select distinct left(regexp_replace(b.query, '\\s+', ' ', 'g'), 200) as query from pg_stat_activity w
       cross join unnest(pg_blocking_pids(w.pid)) as p join pg_stat_activity b on b.pid = p
       where w.application_name = $1 and b.application_name <> $1 and w.datname = current_database()`,
      [OBSERVER],
    );
    for (const { query } of rows) blockers.add(query);
    await delay(LOOK_EVERY_MS);
  }
}

/** Tables with rows, those with most of them first. */
export async function filledTables(client: pg.Client): Promise<readonly { readonly table: string; readonly rows: number }[]> {
  const { rows } = await client.query<{ table: string; rows: number }>(
    `select c.oid::regclass::text as table, c.reltuples::int as rows from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and not c.relispartition and c.reltuples > 0 and n.nspname not in ('pg_catalog', 'information_schema')
     order by c.reltuples desc, 1`,
  );
  return rows;
}
