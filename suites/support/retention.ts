import { Client } from 'pg';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { removed } from './removed.ts';
import { databaseAdmin } from './stores.ts';
import { lookUntil } from './until.ts';

/** A rule of the binding `retention`. */
export interface Rule {
  readonly fill: string;
  readonly count: string;
  readonly erase?: string;
  readonly limit: number;
  readonly withinMs: number;
}

/** So many more than may stay. */
const BEYOND = 50;
const LIMIT_MS = 10_000;

export interface Kept {
  readonly owner: string;
  readonly filled: number;
  /** When the time was up, or as soon as no more was there than may be. */
  readonly left: number;
  readonly afterMs: number;
}

/** Puts more rows there than may stay and waits until they are gone, or the time is up. */
export async function fillBeyond(run: SuiteRun, name: string, rule: Rule): Promise<Kept> {
  const client = new Client({
    connectionString: await databaseAdmin(run),
    connectionTimeoutMillis: LIMIT_MS,
    statement_timeout: LIMIT_MS,
    query_timeout: LIMIT_MS,
    application_name: 'muster-witness',
  });
  // A connection that breaks is told by the statement that needs it.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => refuse(`the database could not be reached to fill \`retention.${name}\``, error));
  const owner = run.workspace();
  const thing = { what: `rows of retention.${name}.fill`, count: 0, inWorkspace: true };
  try {
    const filled = await fill(client, { name, rule, owner });
    thing.count = filled;
    run.own.made(thing);
    const fromMs = run.now();
    const left = await lookUntil(
      () => count(client, { name, rule, owner }),
      (rows) => rows <= rule.limit,
      { withinMs: rule.withinMs, signal: run.signal },
    );
    return { owner, filled, left, afterMs: run.now() - fromMs };
  } finally {
    const { erase } = rule;
    if (erase !== undefined && thing.count > 0) await removed(run, thing, () => client.query(erase, [owner]));
    await client.end();
  }
}

interface Filling {
  readonly name: string;
  readonly rule: Rule;
  readonly owner: string;
}

/** Counted before anybody else can see the rows: a count that does not find them would find no excess either. */
async function fill(client: Client, filling: Filling): Promise<number> {
  const { name, rule, owner } = filling;
  const rows = rule.limit + BEYOND;
  await client.query('begin');
  await client
    .query(rule.fill, [owner, rows])
    .catch((error: unknown) => refuse(`the SQL of \`retention.${name}.fill\` was refused`, error));
  const there = await count(client, filling);
  if (there < rows)
    throw new NotMeasured(
      `the SQL of \`retention.${name}.count\` finds ${there} of the ${rows} rows that \`fill\` was to make: it would find no excess either`,
    );
  await client.query('commit');
  return there;
}

async function count(client: Client, { name, rule, owner }: Filling): Promise<number> {
  const result = await client
    .query<Readonly<Record<string, unknown>>>(rule.count, [owner])
    .catch((error: unknown) => refuse(`the SQL of \`retention.${name}.count\` was refused`, error));
  const value = Number(Object.values(result.rows[0] ?? {})[0] ?? Number.NaN);
  if (!Number.isFinite(value)) throw new NotMeasured(`the SQL of \`retention.${name}.count\` returned no number`);
  return value;
}

function refuse(what: string, error: unknown): never {
  throw new NotMeasured(`${what}: ${error instanceof Error ? error.message : String(error)}`);
}
