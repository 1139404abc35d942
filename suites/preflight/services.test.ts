import { check, listeningPids, NotMeasured, processTree, type RunningService } from '../../harness/index.ts';
import { scalar, withPostgres, withRedis } from '../support/stores.ts';

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

check('preflight.services.identity', async (run) => {
  const attempts: Attempt[] = [];
  for (const { name, critical } of run.spec.services) {
    const service = await run.service(name);
    if (!critical && service.pid === null) continue;
    attempts.push(...(await identify(service)));
  }
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: 'kernel and server', saw: note })),
  };
});

/** Facts known from having started the service, confirmed by who answers at its address. */
async function identify(service: RunningService): Promise<readonly Attempt[]> {
  const attempts = [await holdsPort(service)];
  if (service.kind === 'postgres') {
    const found = String(
      await withPostgres(service.adminUrl, (client) => scalar(client, 'select system_identifier from pg_control_system()')),
    );
    const cluster = String(await withPostgres(service.adminUrl, (client) => scalar(client, 'show cluster_name')));
    attempts.push(same(service.name, 'system identifier', found, service.identity['systemIdentifier']));
    attempts.push(same(service.name, 'cluster name', cluster, service.identity['clusterName']));
  }
  if (service.kind === 'redis') {
    const info = await withRedis(service.adminUrl, (client) => client.info('server'));
    attempts.push(same(service.name, 'run id', /run_id:(\S+)/u.exec(info)?.[1] ?? 'unknown', service.identity['runId']));
  }
  return attempts;
}

async function holdsPort({ name, port, pid }: RunningService): Promise<Attempt> {
  const listening = await listeningPids(port);
  if (listening === null) throw new NotMeasured('this system does not say which process holds a port');
  const own = new Set(pid === null ? [] : processTree(pid).map((info) => info.pid));
  const ok = listening.length > 0 && listening.every((holder) => own.has(holder));
  return { ok, note: `${name}: port ${port} is held by ${listening.join(', ') || 'nobody'}, started as ${pid ?? 'nothing'}` };
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
