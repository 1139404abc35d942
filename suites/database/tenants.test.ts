import { check, NotMeasured, scenario, type SuiteRun } from '../../harness/index.ts';
import { withPostgres } from '../support/stores.ts';
import { askAcross } from '../support/tenants/cached.ts';
import { crossAll } from '../support/tenants/crossing.ts';
import { guardOf, tenantTables } from '../support/tenants/guarded-tables.ts';
import { interleave } from '../support/tenants/interleaved.ts';
import { tryMatrix } from '../support/tenants/row-matrix.ts';
import { makeTenants } from '../support/tenants/tenants.ts';

/** Of each tenant: few enough for lists to show them all on one page. */
const OBJECTS = 5;
const INTERLEAVED = 440;
const EXAMPLES = 5;

const tenants = scenario((run) => makeTenants(run, OBJECTS));
const unwrittenOf = (unwritten: readonly string[]): string =>
  unwritten.length === 0 ? '' : `; not written for them: ${unwritten.join('; ')}`;

check('database.tenants.isolation', async (run) => {
  const both = await tenants(run);
  const { trials, crossed, unseen } = await crossAll(run, both);
  return {
    observation: { kind: 'count', trials, count: crossed.length, examples: crossed.slice(0, EXAMPLES) },
    witnesses: [
      {
        source: 'responses',
        saw: `${trials} requests for what the other tenant has, ${crossed.length} went through${unwrittenOf(both.unwritten)}`,
      },
      ...(unseen.length === 0
        ? []
        : [{ source: 'left out', saw: `${unseen.length} without a definite answer, first: ${unseen[0] ?? ''}` }]),
    ],
  };
});

check('database.tenants.session_leak', async (run) => {
  const both = await tenants(run);
  const sizes = run.sized({ quick: { total: INTERLEAVED, perList: 0 }, full: { total: INTERLEAVED, perList: INTERLEAVED } });
  const { trials, leaks, unanswered, leftOut, lists } = await interleave(run, both, sizes);
  return {
    observation: { kind: 'count', trials, count: leaks.length, examples: leaks.slice(0, EXAMPLES) },
    witnesses: [
      {
        source: 'responses',
        saw: `${trials} answers of ${lists} lists, two tenants in turn, ${leaks.length} wrong, ${unanswered} without an answer`,
      },
      ...leftOut.map((saw) => ({ source: 'left out', saw })),
    ],
  };
});

check('database.tenants.cache', async (run) => {
  const { trials, shared, asked } = await askAcross(run, await tenants(run), run.sized({ quick: 24, full: 120 }));
  return {
    observation: { kind: 'count', trials, count: shared.length, examples: shared.slice(0, EXAMPLES) },
    witnesses: [
      {
        source: 'responses',
        saw: `${trials} of ${asked} answers were kept for who asked first; ${shared.length} of them were served to the other tenant`,
      },
    ],
  };
});

check('database.tenants.rls_coverage', async (run) => {
  const { column, exempt } = tenantsOf(run);
  const { url } = await run.service('postgres');
  const tables = await withPostgres(url, (client) => tenantTables(client, column));
  if (tables.length === 0) throw new NotMeasured(`the services' role sees no table with a column \`${column}\``);
  const guarded = tables.filter(({ name }) => exempt[name] === undefined);
  const spared = tables.flatMap(({ name }) => (exempt[name] === undefined ? [] : [`${name} (${exempt[name]})`]));
  const attempts = guarded.map(guardOf);
  return {
    evidence: 'inspected',
    observation: { kind: 'boolean', attempts },
    witnesses: [
      { source: 'catalogue', saw: attempts.map(({ note }) => note).join('; ') },
      ...(spared.length === 0 ? [] : [{ source: 'exempt by the target file', saw: spared.join('; ') }]),
    ],
  };
});

check('database.tenants.rls_matrix', async (run) => {
  const { column, setting, exempt } = tenantsOf(run);
  if (setting === undefined) throw new NotMeasured('the target does not say in `stores.tenants.setting` how a session says whose it is');
  const { a, b, unwritten } = await tenants(run);
  const { url } = await run.service('postgres');
  // A session of its own, in which nobody has said anything yet.
  const { attempts, untried } = await withPostgres(url, async (client) => {
    const tables = (await tenantTables(client, column)).filter(({ name, enabled }) => enabled && exempt[name] === undefined);
    return tryMatrix(
      client,
      tables.map(({ name }) => name),
      { a: a.workspace, b: b.workspace, column, setting },
    );
  });
  const isProven = attempts.some(({ ok }) => !ok) || untried.length === 0;
  if (!isProven) throw new NotMeasured(`row security could not be tried on every table: ${untried.join('; ')}${unwrittenOf(unwritten)}`);
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: [
      {
        source: 'postgres, as the role of the services',
        saw:
          attempts
            .filter(({ ok }) => !ok)
            .map(({ note }) => note)
            .join('; ') || `${attempts.length} steps reached nothing`,
      },
      ...untried.map((saw) => ({ source: 'not tried', saw })),
    ],
  };
});

function tenantsOf(run: SuiteRun): NonNullable<SuiteRun['spec']['stores']['tenants']> {
  const { tenants: found } = run.spec.stores;
  if (found === undefined) throw new NotMeasured('the target binds no `stores.tenants`');
  return found;
}
