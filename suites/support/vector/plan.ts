import type { Client } from 'pg';
import { NotMeasured } from '../../../harness/index.ts';
import type { Counts } from '../statement-counts.ts';

/** The statement that ordered by distance; null when none of them did. Of several, the one that was sent most. */
export function statementBy(counts: Counts, operator: string, table: string): string | null {
  const name = table.replaceAll('"', '').split('.').at(-1) ?? table;
  const found = [...counts.values()]
    .filter(({ text }) => text.includes(operator) && text.includes(name) && /\bselect\b/i.test(text) && !/^\s*explain\b/i.test(text))
    .toSorted((one, other) => other.calls - one.calls);
  return found[0]?.text ?? null;
}

/** Whether one of these indexes yields the rows of a plan by distance. */
export function ordersByIndex(plan: unknown, indexes: readonly string[]): boolean {
  if (typeof plan !== 'object' || plan === null) return false;
  if (!Array.isArray(plan)) {
    const { 'Index Name': name, 'Order By': order } = plan as Readonly<Record<string, unknown>>;
    if (typeof name === 'string' && indexes.includes(name) && order !== undefined) return true;
  }
  return Object.values(plan).some((part) => ordersByIndex(part, indexes));
}

export interface Planned {
  /** As the planner decides with the rows that are there. */
  readonly chosen: boolean;
  /** Where it is told to avoid everything else. */
  readonly possible: boolean;
}

const NAME = 'muster_search';

/**
 * How the server would do a statement whose values it does not know. One that never takes the index, whatever else it is told to avoid, cannot:
 * the order it asks for is not the index's.
 */
export async function planned(client: Client, statement: string, indexes: readonly string[]): Promise<Planned> {
  const values = Math.max(0, ...[...statement.matchAll(/\$(\d+)/g)].map(([, number]) => Number(number)));
  const call = `explain (format json) execute ${NAME}${values === 0 ? '' : `(${Array.from({ length: values }, () => 'null').join(', ')})`}`;
  // By a name of its own each is sent as one statement and no more, whatever its text holds.
  const prepare = (as: string) => client.query({ name: `${NAME}_${as}`, text: `prepare ${NAME} as ${statement}` });
  const byIndex = async (): Promise<boolean> => ordersByIndex((await client.query(call)).rows, indexes);
  try {
    await client.query(`set plan_cache_mode = force_generic_plan`);
    await prepare('chosen');
    const chosen = await byIndex();
    await client.query('set enable_seqscan = off');
    await client.query('set enable_sort = off');
    await client.query('deallocate all');
    await prepare('possible');
    return { chosen, possible: await byIndex() };
  } catch (error) {
    throw new NotMeasured(
      `the statement of the search could not be explained: ${error instanceof Error ? error.message : String(error)}; it was: ${statement.slice(0, 300)}`,
    );
  }
}
