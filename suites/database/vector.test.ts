import { check, NotMeasured, scenario, type Observed } from '../../harness/index.ts';
import { timesOf } from '../support/asked.ts';
import { watchStatements } from '../support/statements.ts';
import { databaseAdmin, withPostgres } from '../support/stores.ts';
import { servesOperator, vectorColumn } from '../support/vector/column.ts';
import { planned, statementBy } from '../support/vector/plan.ts';
import { searchAll, type Search } from '../support/vector/searches.ts';
import { timesOfSearches } from '../support/vector/times.ts';

const LIMIT = { limitMs: 120_000 };
const EXAMPLES = 5;

const searched = scenario(async (run) => {
  const sizes = run.sized({ quick: { large: 2_000, small: 500, searches: 64 }, full: { large: 12_000, small: 1_500, searches: 200 } });
  const statements = await watchStatements({ adminUrl: await run.adminUrl('postgres'), serviceUrl: (await run.service('postgres')).url })
    // The other checks do not need them.
    .catch((error: unknown) => (error instanceof NotMeasured ? error : Promise.reject(error)));
  if (statements instanceof NotMeasured) return { ...(await searchAll(run, sizes)), sent: statements };
  await using watched = statements;
  const { value, counts } = await watched.during(() => searchAll(run, sizes));
  return { ...value, sent: counts };
});

check('database.vector.operator_class', async (run) => {
  const binding = run.target.requireBinding('vector');
  const { indexes } = await withPostgres(await databaseAdmin(run), (client) => vectorColumn(client, binding));
  const serves = servesOperator(indexes, binding.operator);
  if (serves === null)
    throw new NotMeasured(
      `\`${binding.table}.${binding.column}\` has no index that orders by distance: there is no operator class to look at`,
    );
  return {
    evidence: 'inspected',
    observation: { kind: 'boolean', attempts: [serves] },
    witnesses: [{ source: 'catalogue', saw: serves.note }],
  };
});

check(
  'database.vector.index_used',
  async (run) => {
    const binding = run.target.requireBinding('vector');
    const { sent, column, window } = await searched(run);
    if (sent instanceof NotMeasured) throw sent;
    const statement = statementBy(sent, binding.operator, binding.table);
    if (statement === null)
      throw new NotMeasured(
        `none of the statements of the services that were counted during the searches orders ${binding.table} by ${binding.operator}`,
      );
    const names = column.indexes.map(({ name }) => name);
    const { chosen, possible } = await withPostgres(await databaseAdmin(run), (client) => planned(client, statement, names));
    const note = possible
      ? `the statement can be answered in the order of an index of distances${chosen ? ', and the planner takes it whatever is searched for' : ''}`
      : `the statement compares every row, also when the server is told to avoid that; indexes of distances: ${names.join(', ') || 'none'}`;
    return {
      window,
      observation: { kind: 'boolean', attempts: [{ ok: possible, note }] },
      witnesses: [
        { source: 'planner', saw: note },
        { source: 'pg_stat_statements', saw: statement.replaceAll(/\s+/g, ' ').slice(0, 400) },
      ],
    };
  },
  LIMIT,
);

check(
  'database.vector.recall',
  async (run) => {
    const { searches, window } = await searched(run);
    const all = answeredOf(searches, 'large').map(({ recall }) => recall);
    const windows = all.map(({ found, of }) => ({ successes: found, trials: of }));
    const worst = Math.min(...all.map(({ found, of }) => found / of));
    const sum = (of: 'successes' | 'trials'): number => windows.reduce((total, one) => total + one[of], 0);
    return {
      window,
      observation: { kind: 'ratio', successes: sum('successes'), trials: sum('trials'), windows },
      witnesses: [
        {
          source: 'exact search in the database',
          saw: `${sum('successes')} of ${sum('trials')} nearest were found by ${all.length} searches; the worst found ${percent(worst)}`,
        },
      ],
    };
  },
  LIMIT,
);

check(
  'database.vector.short_results',
  async (run) => {
    const { limit, cutoff } = run.target.requireBinding('vector');
    const within = cutoff === undefined ? '' : ` within the distance ${cutoff}`;
    const { searches, window } = await searched(run);
    const all = answeredOf(searches, 'small');
    const short = all.filter(({ returned, truth }) => returned < Math.min(limit, truth.rows));
    return {
      window,
      observation: {
        kind: 'count',
        trials: all.length,
        count: short.length,
        examples: short
          .slice(0, EXAMPLES)
          .map(({ returned, truth }) => `${returned} of ${limit} asked for came back, although the tenant has ${truth.rows}${within}`),
      },
      witnesses: [
        { source: 'responses', saw: `${short.length} of ${all.length} answers were short` },
        { source: 'database', saw: `the tenant that searched has ${all[0]?.truth.rows ?? 0} of the rows, others have the rest` },
      ],
    };
  },
  LIMIT,
);

check(
  'database.vector.latency_mean',
  async (run) => timed(await searched(run), (all) => ({ kind: 'mean', unit: 'ms', samples: all.map(({ ms }) => ms) })),
  LIMIT,
);

check('database.vector.latency_p95', async (run) => timed(await searched(run), (all) => timesOf(0.95, all)), LIMIT);

type Timed = Pick<Search, 'atMs' | 'ms'>;

function timed(
  { searches, window }: { readonly searches: readonly Search[]; readonly window: NonNullable<Observed['window']> },
  observe: (all: readonly Timed[]) => Observed['observation'],
): Observed {
  const all = timesOfSearches(searches);
  const refused = searches.flatMap((search) => search.refused ?? []);
  const first = refused[0] === undefined ? '' : `, first refusal: ${refused[0]}`;
  return {
    window,
    observation: observe(all),
    witnesses: [{ source: 'responses', saw: `${searches.length - refused.length} of ${searches.length} searches answered${first}` }],
  };
}

/** @throws NotMeasured when nothing was answered that could be compared. */
function answeredOf(searches: readonly Search[], tenant: Search['tenant']): readonly Search[] {
  const all = searches.filter((search) => search.tenant === tenant && search.refused === null && search.truth.rows > 0);
  if (all.length === 0) throw new NotMeasured('no search was answered that could be compared with an exact one');
  return all;
}

function percent(ratio: number): string {
  return `${Math.round(ratio * 100)} %`;
}
