import { check, type Observed, type SuiteRun } from '../../harness/index.ts';
import { duplicateIndexes, foreignKeysWithoutIndex, invalidIndexes, tablesWithoutKey } from '../support/schema/lints.ts';
import { databaseAdmin, withPostgres } from '../support/stores.ts';

const MOST_SHOWN = 20;

async function observed(run: SuiteRun, lint: typeof invalidIndexes, what: string): Promise<Observed> {
  const { ignore = [] } = run.spec.stores.schema ?? {};
  const { looked, found, ignored } = await withPostgres(await databaseAdmin(run), (client) => lint(client, ignore));
  const left = ignored === 0 ? '' : `; ${ignored} more of tables that \`stores.schema.ignore\` names were not looked at`;
  return {
    observation: { kind: 'count', trials: looked, count: found.length, examples: found.slice(0, 5) },
    evidence: 'inspected',
    witnesses: [
      { source: 'the catalogue', saw: `${looked} ${what}${left}` },
      ...found.slice(0, MOST_SHOWN).map((saw) => ({ source: 'the catalogue', saw })),
    ],
  };
}

check('database.schema.fk_index', (run) => observed(run, foreignKeysWithoutIndex, 'foreign keys'));

check('database.schema.duplicate_index', (run) => observed(run, duplicateIndexes, 'indexes'));

check('database.schema.invalid_index', (run) => observed(run, invalidIndexes, 'indexes'));

check('database.schema.no_primary_key', (run) => observed(run, tablesWithoutKey, 'tables'));
