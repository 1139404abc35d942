import { check, NotMeasured } from '../../harness/index.ts';
import { withRedis } from '../support/stores.ts';
import { satisfies } from '../support/version.ts';

check('preflight.redis.config', async (run) => {
  const spec = run.spec.services.find((service) => service.kind === 'redis');
  if (spec === undefined) throw new NotMeasured('the target has no service of kind `redis`');
  if (spec.version === null && spec.maxmemoryBytes === null && spec.policy === null)
    throw new NotMeasured('the target asks for nothing of Redis');
  const adminUrl = await run.adminUrl(spec.name);
  const attempts = await withRedis(adminUrl, async (client) => {
    const version = /redis_version:(\S+)/u.exec(await client.info('server'))?.[1] ?? 'unknown';
    const found = [
      { ok: spec.version === null || satisfies(version, spec.version), note: `version ${version}, asked for ${spec.version ?? 'any'}` },
    ];
    const setting = async (name: string): Promise<string> => {
      const answer = (await client.config('GET', name)) as readonly string[];
      return answer[1] ?? 'unknown';
    };
    if (spec.maxmemoryBytes !== null) {
      const value = await setting('maxmemory');
      found.push({ ok: Number(value) === spec.maxmemoryBytes, note: `maxmemory ${value}, asked for ${spec.maxmemoryBytes}` });
    }
    if (spec.policy !== null) {
      const value = await setting('maxmemory-policy');
      found.push({ ok: value === spec.policy, note: `maxmemory-policy ${value}, asked for ${spec.policy}` });
    }
    return found;
  });
  return {
    observation: { kind: 'boolean', attempts },
    evidence: 'inspected',
    witnesses: attempts.map(({ note }) => ({ source: 'redis', saw: note })),
  };
});
