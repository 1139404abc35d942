import { extract, NotMeasured, textIn, type SuiteRun } from '../../../harness/index.ts';
import { inParallel } from '../in-parallel.ts';
import { removed } from '../removed.ts';
import { databaseAdmin, withPostgres } from '../stores.ts';
import { askUntilTaken } from '../turned-away.ts';
import { vectorColumn, type VectorBinding, type VectorColumn } from './column.ts';
import { exactly, recallOf, truthOf, type Recall, type Truth } from './exact.ts';
import { vectorSource, vectorText } from './vectors.ts';

/** As many at once as wait for each other nowhere: what is timed is the search. */
const AT_ONCE = 4;
/** The first ones load what the others find loaded. */
const WARM_UP = 4;
/** One insert writes so many rows at most. */
const BATCH = 250;
/** So long may one statement take: an index of many dimensions is built slowly. */
const LIMIT_MS = 60_000;

export interface Sizes {
  /** Rows of the tenant that has most of them: enough for the planner to prefer an index. */
  readonly large: number;
  /** Rows of the tenant that has few: most of what is nearest to its searches belongs to the other. */
  readonly small: number;
  readonly searches: number;
}

export interface Search {
  readonly tenant: 'large' | 'small';
  /** On CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly ms: number;
  /** What came instead of an answer; null: an answer. */
  readonly refused: string | null;
  /** It was turned away, again and again, or not taken as it is: that says nothing of how long a search takes. */
  readonly isTurnedAway: boolean;
  readonly returned: number;
  readonly truth: Truth;
  readonly recall: Recall;
}

interface Workspaces {
  readonly large: string;
  readonly small: string;
}

/** Stores vectors for two tenants, searches as each of them, and compares each answer with an exact search. The rows are removed after it. */
export async function searchAll(
  run: SuiteRun,
  sizes: Sizes,
): Promise<{ readonly searches: readonly Search[]; readonly column: VectorColumn }> {
  const binding = run.target.requireBinding('vector');
  const adminUrl = await databaseAdmin(run);
  const workspaces: Workspaces = { large: run.workspace(), small: run.workspace() };
  const column = await withPostgres(adminUrl, (client) => vectorColumn(client, binding));
  const source = vectorSource(run.seed, column.dimensions);
  const rows = { what: 'rows of vector.seed', count: sizes.large + sizes.small, inWorkspace: true };
  run.own.made(rows);
  try {
    await seed(adminUrl, binding, [
      { workspace: workspaces.large, vectors: Array.from({ length: sizes.large }, () => vectorText(source.next())) },
      { workspace: workspaces.small, vectors: Array.from({ length: sizes.small }, () => vectorText(source.next())) },
    ]);
    const asked = await askAll(run, binding, { workspaces, source, searches: sizes.searches });
    const searches = await withPostgres(
      adminUrl,
      async (client) => {
        await exactly(client);
        const judged: Search[] = [];
        for (const { vector, tenant, ids, ...search } of asked) {
          const truth = await truthOf(client, binding, column, { vector: vectorText(vector), tenant: workspaces[tenant], ids });
          judged.push({ ...search, tenant, returned: ids.length, truth, recall: recallOf(truth, binding.limit) });
        }
        return judged;
      },
      LIMIT_MS,
    );
    return { searches, column };
  } finally {
    await removed(run, rows, () => remove(adminUrl, binding, column, workspaces));
  }
}

interface Share {
  readonly workspace: string;
  readonly vectors: readonly string[];
}

async function seed(adminUrl: string, { seed: sql, table }: VectorBinding, shares: readonly Share[]): Promise<void> {
  const batches = shares.flatMap(({ workspace, vectors }) =>
    Array.from({ length: Math.ceil(vectors.length / BATCH) }, (_, index) => [workspace, vectors.slice(index * BATCH, (index + 1) * BATCH)]),
  );
  // Two at once: an index is built by whoever inserts.
  const lanes = [0, 1].map((lane) =>
    withPostgres(
      adminUrl,
      async (client) => {
        for (const values of batches.filter((_, index) => index % 2 === lane)) await client.query(sql, [...values]);
      },
      LIMIT_MS,
    ),
  );
  const failed = (await Promise.allSettled(lanes)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    const said = failed.reason instanceof Error ? failed.reason.message : String(failed.reason);
    throw new NotMeasured(`\`vector.seed\` stored no rows: ${said}`);
  }
  await withPostgres(adminUrl, (client) => client.query(`analyze ${table}`), LIMIT_MS);
}

async function remove(
  adminUrl: string,
  { table }: VectorBinding,
  { workspace }: VectorColumn,
  { large, small }: Workspaces,
): Promise<void> {
  await withPostgres(adminUrl, (client) => client.query(`delete from ${table} where ${workspace} in ($1, $2)`, [large, small]), LIMIT_MS);
}

interface Asked extends Pick<Search, 'tenant' | 'atMs' | 'ms' | 'refused' | 'isTurnedAway'> {
  readonly vector: readonly number[];
  readonly ids: readonly string[];
}

interface Asking {
  readonly workspaces: Workspaces;
  readonly source: ReturnType<typeof vectorSource>;
  readonly searches: number;
}

async function askAll(run: SuiteRun, binding: VectorBinding, { workspaces, source, searches }: Asking): Promise<readonly Asked[]> {
  const asked: Asked[] = [];
  // One tenant after the other: what two of them at once do to each other is another question.
  for (const tenant of ['large', 'small'] as const) {
    const vectors = Array.from({ length: WARM_UP + searches }, () => source.next());
    const answers = await inParallel(vectors, { width: AT_ONCE, signal: run.signal }, (vector) =>
      askOnce(run, binding, { vector, tenant, workspace: workspaces[tenant] }),
    );
    asked.push(...answers.slice(WARM_UP));
  }
  const refused = asked.filter((search) => search.refused !== null);
  if (refused.length === asked.length) throw new NotMeasured(`no search was answered: ${refused[0]?.refused ?? 'none was sent'}`);
  return asked;
}

interface Question {
  readonly vector: readonly number[];
  readonly tenant: Search['tenant'];
  readonly workspace: string;
}

async function askOnce(run: SuiteRun, { search, limit }: VectorBinding, { vector, tenant, workspace }: Question): Promise<Asked> {
  let atMs = 0;
  const answer = await askUntilTaken(() => {
    atMs = run.now() + run.startMonotonicMs;
    return run.target.request(search.http, { vector, limit, workspace }, { signal: run.signal });
  }, run.signal);
  const { outcome, status, error, json, durationMs } = answer;
  const items = extract(search.items, json);
  const ids = Array.isArray(items) ? items.flatMap((item: unknown) => textIn(search.id, item) ?? []) : null;
  const refused =
    outcome === 'ok' && ids !== null ? null : (error ?? `status ${status ?? 'none'}${outcome === 'ok' ? ' without a list of items' : ''}`);
  const isTurnedAway = outcome === 'shed' || outcome === 'rejected';
  return { vector, tenant, atMs, ms: durationMs, refused, isTurnedAway, ids: ids ?? [] };
}
