import { check, NotMeasured, type RunningService, type SuiteRun } from '../../harness/index.ts';
import { requireRunning } from '../support/require-running.ts';
import { scalar, withPostgres, withRedis } from '../support/stores.ts';

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

check('preflight.services.identity', async (run) => {
  const attempts: Attempt[] = [];
  for (const { name, critical } of run.spec.services) {
    const service = await run.service(name);
    if (!critical && !service.running) continue;
    const { ok, seen } = await run.addressProof(name);
    if (!ok) await requireRunning(run, name);
    attempts.push({ ok, note: `${name}: ${seen}` }, ...(await confirmed(run, service)));
  }
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: 'address and server', saw: note })),
  };
});

/** What the running Postgres says of itself, by the name of the fact. */
const POSTGRES_FACTS: Readonly<Record<string, string>> = {
  systemIdentifier: 'select system_identifier::text from pg_control_system()',
  clusterName: 'show cluster_name',
  postmasterStart: 'select pg_postmaster_start_time()::text',
};

/** Facts known from having started the service, confirmed by who answers at its address. */
async function confirmed(run: SuiteRun, service: RunningService): Promise<readonly Attempt[]> {
  if (service.kind === 'http') return [];
  const adminUrl = await run.adminUrl(service.name);
  if (service.kind === 'redis') {
    const info = await withRedis(adminUrl, (client) => client.info('server'));
    return [same(service.name, 'runId', /run_id:(\S+)/u.exec(info)?.[1] ?? 'unknown', service.identity['runId'])];
  }
  return withPostgres(adminUrl, async (client) => {
    const attempts: Attempt[] = [];
    for (const [fact, sql] of Object.entries(POSTGRES_FACTS)) {
      if (service.identity[fact] === undefined) continue;
      attempts.push(same(service.name, fact, String(await scalar(client, sql)), service.identity[fact]));
    }
    if (attempts.length === 0) throw new NotMeasured(`nothing is known of ${service.name} that it could confirm`);
    return attempts;
  });
}

function same(name: string, what: string, found: string, expected: string | undefined): Attempt {
  return {
    ok: found === expected,
    note: `${name}: ${what} ${found}${found === expected ? '' : `, started with ${expected ?? 'unknown'}`}`,
  };
}

check('preflight.services.health', async (run) => {
  const probed = run.spec.services.flatMap((service) =>
    service.kind === 'http' && service.critical && service.health !== null ? [{ name: service.name, health: service.health }] : [],
  );
  if (probed.length === 0) throw new NotMeasured('no service that is critical declares a `health` probe');
  const attempts = await Promise.all(
    probed.map(async ({ name, health }) => {
      const answer = await run.target.request(
        { method: 'GET', path: health.path, service: name, body: null, headers: {} },
        {},
        { signal: run.signal },
      );
      const unmet = unmetIn(answer.json, health.expect);
      const ok = answer.outcome === 'ok' && unmet.length === 0;
      if (answer.status === null) await requireRunning(run, name);
      return {
        ok,
        note: ok
          ? `${name}: ${answer.status ?? ''} and as expected`
          : `${name}: ${answer.error ?? `status ${answer.status ?? 'none'}`}; ${unmet.join('; ')}`,
      };
    }),
  );
  return { observation: { kind: 'boolean', attempts }, witnesses: attempts.map(({ note }) => ({ source: 'health body', saw: note })) };
});

/** The expectations a body does not meet, in words. */
function unmetIn(body: unknown, expect: Readonly<Record<string, string | number | boolean>>): readonly string[] {
  return Object.entries(expect).flatMap(([path, wanted]) => {
    const found = path
      .split('.')
      .reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined), body);
    return found === wanted ? [] : [`${path} is ${JSON.stringify(found) ?? 'missing'}, expected ${JSON.stringify(wanted)}`];
  });
}
