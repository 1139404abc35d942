import { extract, type ListBinding, NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { inParallel, MODEST } from './in-parallel.ts';
import { type Cost, leastOf, sizesUpTo, sumOf } from './statement-counts.ts';
import { removed } from './removed.ts';
import type { Statements } from './statements.ts';
import { databaseAdmin, withPostgres } from './stores.ts';

/** Requests of one size: whatever the target does beside them, it does not do during each. */
const LOOKS = 5;
/** So long may the rows of others take to be written. */
const FILL_MS = 30_000;

/** What one request for a list costs the database, at three sizes of the list. */
export interface ListCosts {
  readonly name: string;
  /** Method and path of the request. */
  readonly request: string;
  /** Rows of others that its tables were given. */
  readonly besides: number;
  readonly costs: readonly Cost[];
}

/**
 * Adds rows to a list of its own workspace and asks for it at three sizes, one request at a time.
 * @throws NotMeasured when the rows cannot be added, are not all in the answer, or are answered without the database.
 */
export async function listCosts(run: SuiteRun, statements: Statements, [name, list]: readonly [string, ListBinding]): Promise<ListCosts> {
  await using besides = await fill(run, [name, list]);
  const workspace = run.workspace();
  const costs: Cost[] = [];
  for (const size of sizesUpTo(list.most)) {
    const from = costs.at(-1)?.rows ?? 0;
    await addRows(run, list, { name, workspace, from, to: size });
    costs.push(await costOf(run, statements, { name, list, workspace, size }));
  }
  return { name, request: `${list.read.method} ${list.read.path}`, besides: besides.rows, costs };
}

interface Besides extends AsyncDisposable {
  readonly rows: number;
}

/** Rows of somebody else, enough for a plan that reads them to show. */
async function fill(run: SuiteRun, [name, { fill: statements, erase }]: readonly [string, ListBinding]): Promise<Besides> {
  if (statements === undefined) return { rows: 0, [Symbol.asyncDispose]: () => Promise.resolve() };
  const rows = run.sized({ quick: 10_000, full: 50_000 });
  const workspace = run.workspace();
  const adminUrl = await databaseAdmin(run);
  const thing = { what: `rows of lists.${name}.fill`, count: rows, inWorkspace: true };
  const drop = async (): Promise<void> => {
    if (erase !== undefined) await removed(run, thing, () => inTurn(adminUrl, erase, [workspace]));
  };
  run.own.made(thing);
  try {
    await inTurn(adminUrl, statements, [rows, workspace]);
  } catch (error) {
    await drop();
    throw error;
  }
  return { rows, [Symbol.asyncDispose]: drop };
}

async function inTurn(adminUrl: string, statements: readonly string[], values: readonly unknown[]): Promise<void> {
  await withPostgres(
    adminUrl,
    async (client) => {
      for (const sql of statements) {
        try {
          await client.query(sql, values.slice(0, parametersOf(sql)));
        } catch (error) {
          throw new NotMeasured(`the SQL of the binding could not be run (${messageIn(error)}): ${sql}`);
        }
      }
    },
    FILL_MS,
  );
}

function messageIn(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function parametersOf(sql: string): number {
  return Math.max(0, ...[...sql.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
}

interface Rows {
  readonly name: string;
  readonly workspace: string;
  readonly from: number;
  readonly to: number;
}

async function addRows(run: SuiteRun, list: ListBinding, { name, workspace, from, to }: Rows): Promise<void> {
  const numbers = Array.from({ length: to - from }, (_, index) => from + index);
  const answers = await inParallel(numbers, { width: MODEST, signal: run.signal }, (row) =>
    run.target.request(list.add, { row, workspace }, { signal: run.signal }),
  );
  const refused = answers.find(({ outcome }) => outcome !== 'ok' && outcome !== 'degraded');
  if (refused === undefined) return;
  const told = refused.error ?? `status ${refused.status ?? 'none'}`;
  throw new NotMeasured(`the list \`${name}\` could not be given ${to} rows (${told}): \`most\` of the binding says how many it may have`);
}

interface Asked {
  readonly name: string;
  readonly list: ListBinding;
  readonly workspace: string;
  readonly size: number;
}

async function costOf(run: SuiteRun, statements: Statements, { name, list, workspace, size }: Asked): Promise<Cost> {
  const windows = [];
  for (let look = 0; look < LOOKS; look += 1) {
    const { value: answer, counts } = await statements.during(() => run.target.request(list.read, { workspace }, { signal: run.signal }));
    const items = extract(list.items, answer.json);
    if (answer.outcome !== 'ok' || !Array.isArray(items))
      throw new NotMeasured(
        `the list \`${name}\` was not answered with an array at \`${list.items}\`: ${answer.error ?? `status ${answer.status ?? 'none'}`}`,
      );
    if (items.length !== size)
      throw new NotMeasured(
        `the list \`${name}\` has ${size} rows and was answered with ${items.length}: \`most\` of the binding says how many one answer holds`,
      );
    windows.push(counts);
  }
  const counts = leastOf(windows);
  if (sumOf(counts, 'calls') === 0)
    throw new NotMeasured(
      `the list \`${name}\` was answered without asking the database (answers are kept, or another role asks it): bind a request that is not kept, such as one with \${op} in it`,
    );
  return { rows: size, counts };
}
