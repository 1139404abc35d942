import { check, NotMeasured, scenario, type Witness } from '../../harness/index.ts';
import { listCosts, type ListCosts } from '../support/list-growth.ts';
import { type Cost, type Growth, growthOf, shapeOf, sumOf } from '../support/statement-counts.ts';
import { watchStatements } from '../support/statements.ts';

const SHOWN = 5;
/** Calls per row of a statement that is asked for rows, not for the list. */
const GROWING = 0.5;
/** With fewer rows the cost of the request itself would be taken for that of the rows. */
const FEWEST_ROWS = 5;

/** Every list of the target, one request at a time, at three sizes. */
const asked = scenario(async (run) => {
  const lists = Object.entries(run.target.requireBinding('lists'));
  const [adminUrl, { url: serviceUrl }] = [await run.adminUrl('postgres'), await run.service('postgres')];
  await using statements = await watchStatements({ adminUrl, serviceUrl });
  const costs: ListCosts[] = [];
  for (const list of lists) costs.push(await listCosts(run, statements, list));
  return { lists: costs };
});

check('database.queries.n_plus_one', async (run) => {
  const { lists, window } = await asked(run);
  const growths = lists.map((list) => ({ list, steepest: steepestOf(growthOf(list.costs)) }));
  const witnesses = growths.map(({ list, steepest }): Witness => {
    const rows = list.costs.map((cost) => cost.rows).join(', ');
    const what = typeof steepest?.text === 'string' ? shapeOf(steepest.text) : 'all statements together';
    return {
      source: `pg_stat_statements, ${list.request}`,
      saw: `with ${rows} rows asked ${steepest?.calls.join(', ') ?? 'no'} times (${(steepest?.slope ?? 0).toFixed(2)} per row): ${what}`,
    };
  });
  const slopes = growths.map(({ steepest }) => Math.max(0, steepest?.slope ?? 0));
  return { observation: { kind: 'level', unit: 'count', samples: slopes, worst: 'max' }, witnesses, window };
});

check('database.queries.per_request', async (run) => {
  const { lists, window } = await asked(run);
  const calls = lists.flatMap(({ costs }) => costs.map(({ counts }) => sumOf(counts, 'calls')));
  const witnesses = lists.map((list) => ({ source: `pg_stat_statements, ${list.request}`, saw: statementsOf(list.costs.at(-1)) }));
  return { observation: { kind: 'level', unit: 'count', samples: calls, worst: 'max' }, witnesses, window };
});

check('database.queries.blocks_per_row', async (run) => {
  const { lists, window } = await asked(run);
  const filled = lists.filter(({ besides }) => besides > 0);
  if (filled.length === 0)
    throw new NotMeasured(
      'no list of the target says how rows of others are put beside its own (`fill`): in a small table every plan reads everything',
    );
  const measured = filled.flatMap((list) => list.costs.filter(({ rows }) => rows >= FEWEST_ROWS).map((cost) => ({ list, cost })));
  const samples = measured.map(({ cost }) => sumOf(cost.counts, 'blocks') / cost.rows);
  const witnesses = measured.map(({ list, cost }) => ({
    source: `pg_stat_statements, ${list.request}`,
    saw: `${sumOf(cost.counts, 'blocks')} blocks for ${cost.rows} rows beside ${list.besides} of others: ${blocksOf(cost)}`,
  }));
  return { observation: { kind: 'level', unit: 'count', samples, worst: 'max' }, witnesses, window };
});

/** One statement is better told than all of them together, where it grows by itself. */
function steepestOf(growths: readonly Growth[]): Growth | undefined {
  return growths.find(({ slope, text }) => text !== null && slope >= GROWING) ?? growths[0];
}

function statementsOf(cost: Cost | undefined): string {
  const counts = [...(cost?.counts.values() ?? [])].toSorted((one, other) => other.calls - one.calls);
  const shown = counts.slice(0, SHOWN).map(({ calls, text }) => `${calls}× ${shapeOf(text)}`);
  return `${counts.length} different statements for ${cost?.rows ?? 0} rows: ${shown.join(' | ')}`;
}

function blocksOf({ counts }: Cost): string {
  const [most] = [...counts.values()].toSorted((one, other) => other.blocks - one.blocks);
  return most === undefined ? 'none' : `${most.blocks} by ${shapeOf(most.text)}`;
}
