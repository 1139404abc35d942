import { check, type Observed } from '../../harness/index.ts';
import { duplicateIndexes, foreignKeysWithoutIndex, invalidIndexes, tablesWithoutKey, type Lint } from '../support/schema/lints.ts';
import { databaseAdmin, withPostgres } from '../support/stores.ts';

const MOST_SHOWN = 20;

const observed = ({ looked, found }: Lint, what: string): Observed => ({
  observation: { kind: 'count', trials: looked, count: found.length, examples: found.slice(0, 5) },
  evidence: 'inspected',
  witnesses: [
    { source: 'the catalogue', saw: `${looked} ${what}` },
    ...found.slice(0, MOST_SHOWN).map((saw) => ({ source: 'the catalogue', saw })),
  ],
});

check('database.schema.fk_index', async (run) =>
  observed(await withPostgres(await databaseAdmin(run), foreignKeysWithoutIndex), 'foreign keys'),
);

check('database.schema.duplicate_index', async (run) =>
  observed(await withPostgres(await databaseAdmin(run), duplicateIndexes), 'indexes'),
);

check('database.schema.invalid_index', async (run) => observed(await withPostgres(await databaseAdmin(run), invalidIndexes), 'indexes'));

check('database.schema.no_primary_key', async (run) => observed(await withPostgres(await databaseAdmin(run), tablesWithoutKey), 'tables'));
