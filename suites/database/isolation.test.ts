import { check, NotMeasured } from '../../harness/index.ts';
import { isolationMatrix } from '../support/isolation/matrix.ts';
import { scalar, withPostgres } from '../support/stores.ts';

check('database.isolation.matrix', async (run) => {
  const { url, adminUrl } = await run.service('postgres');
  const { attempts, witnesses } = await isolationMatrix(url, adminUrl, run);
  return { observation: { kind: 'boolean', attempts }, witnesses };
});

check('database.isolation.level', async (run) => {
  const { isolation } = run.spec.stores;
  if (isolation === undefined) throw new NotMeasured('the target has no binding `stores.isolation`');
  const { url } = await run.service('postgres');
  const { level, role, from } = await withPostgres(url, async (client) => ({
    level: String(await scalar(client, 'show default_transaction_isolation')),
    role: String(await scalar(client, 'select current_user')),
    from: String(await scalar(client, "select source from pg_settings where name = 'default_transaction_isolation'")),
  }));
  const note = `${role} gets ${level} where a transaction names no level (set by: ${from}); declared is ${isolation}`;
  return {
    observation: { kind: 'boolean', attempts: [{ ok: level === isolation, note }] },
    evidence: 'inspected',
    witnesses: [{ source: "the service's own address", saw: note }],
  };
});
