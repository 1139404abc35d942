import { existsSync } from 'node:fs';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceExit } from '../../model/environment.ts';
import { composeProject, RUN_LABEL } from '../containers/labels.ts';
import { withRedis } from '../probes.ts';
import type { StartedEnvironment } from '../provider.ts';
import { docker, endAll, fixture, on, onEngine, SHOP, start, web } from './fixtures/stack.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

afterEach(endAll);

function service(environment: StartedEnvironment, name: string) {
  const found = environment.services.get(name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

async function scalar(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return Object.values((await client.query<Record<string, unknown>>(text)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

describe("a user's own file", () => {
  it('runs twice at once without meeting, and leaves nothing behind', async () => {
    const env = { ...process.env, GREETING: 'hello', COMPOSE_PROFILES: 'none', COMPOSE_PROJECT_NAME: 'mine' };
    const both = await Promise.all([start(SHOP, { env }), start(SHOP, { env })]);
    for (const { environment, run, said } of both) {
      expect([...environment.startFailures]).toEqual([]);
      expect(environment.reason).toMatch(/^compose 2\.\d+\.\S+ with shop\.yml$/);
      expect(said).toContain('compose: The network "back" gets other addresses than the file says, so that two runs never meet.');
      expect(environment.facts).toMatchObject({
        'db.image': matching(/^muster\/postgres:17 \([0-9a-f]{12}\)$/),
        'api.image': matching(/^muster\/node:20 \([0-9a-f]{12}\)$/),
      });
      const { url, adminUrl, identity } = service(environment, 'db');
      expect(url).toBe(adminUrl);
      expect(url).toMatch(/^postgres:\/\/shop:a%24b@127\.0\.0\.1:\d+\/shop$/);
      expect(await scalar(url, 'select system_identifier::text from pg_control_system()')).toBe(identity['systemIdentifier']);
      expect(await scalar(url, 'select pg_postmaster_start_time()::text')).toBe(identity['postmasterStart']);
      const cache = service(environment, 'cache');
      expect(await withRedis(cache.url, (client) => client.info('server'))).toContain(`run_id:${cache.identity['runId'] ?? ''}`);
      expect(await (await fetch(service(environment, 'api').url)).json()).toEqual({ status: 'healthy', greeting: 'hello' });
      for (const name of ['db', 'cache', 'api']) expect(await environment.addressProof(name)).toMatchObject({ ok: true });
      const reading = await environment.reading('api');
      expect(reading?.memoryBytes).toBeGreaterThan(1_000_000);
      expect(reading?.processes).toBeGreaterThan(1);

      const containers = await docker.listContainers({ all: true, filters: { label: [`${RUN_LABEL}=${run.runId}`] } });
      expect(containers).toHaveLength(4);
      for (const { Id, Names } of containers) {
        const { HostConfig, State } = await docker.getContainer(Id).inspect();
        const hosts = Object.values((HostConfig.PortBindings ?? {}) as Record<string, { HostIp: string }[]>).flat();
        expect(hosts.map(({ HostIp }) => HostIp)).toEqual(Names[0]?.includes('admin') === true ? [] : ['127.0.0.1']);
        expect([HostConfig.Init, HostConfig.RestartPolicy?.Name, State.Running]).toEqual([true, 'no', true]);
      }
    }
    const ports = both.flatMap(({ environment }) => [...environment.services.values()].map(({ port }) => port));
    expect(new Set(ports).size).toBe(6);
    expect((await docker.listVolumes()).Volumes.map(({ Name }) => Name)).not.toContain('muster-fixture-data');
    for (const { environment, run } of both) {
      await environment[Symbol.asyncDispose]();
      expect(await environment.audit()).toEqual([]);
      expect(await onEngine(run.runId)).toEqual([]);
      expect(existsSync(run.runDir)).toBe(false);
    }
  });

  it('has services that are stopped, killed and started again at their addresses, and reports an exit nobody asked for', async () => {
    const { environment } = await start(SHOP);
    const { url } = service(environment, 'db');
    await scalar(url, 'create table t as select 1');
    for (const how of ['stop', 'kill'] as const) {
      expect((await environment.stop('db', how)).proof).toContain('ECONNREFUSED');
      await environment.start('db');
    }
    expect(await scalar(url, 'select count(*)::int from t')).toBe(1);
    expect(await scalar(url, 'select pg_postmaster_start_time()::text')).toBe(service(environment, 'db').identity['postmasterStart']);

    const exit = new Promise<ServiceExit>((resolve) => {
      environment.onUnexpectedExit(resolve);
    });
    await fetch(`${service(environment, 'api').url}/die`).catch(() => undefined);
    expect(await exit).toMatchObject({ service: 'api', code: 7, logTail: ['web listens'] });
    expect((await environment.start('api')).proof).toContain('is ready');
  });
});

it('builds under a name of the run, and removes it', async () => {
  const spec = on(fixture('built.yml'), web('web'));
  const { environment, run } = await start(spec);
  expect(await (await fetch(service(environment, 'web').url)).text()).toBe('built');
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  expect(tags).toContain(`${composeProject(run.runId)}-web:latest`);
  expect(tags.filter((tag) => tag.includes('fixture-of-the-user'))).toEqual([]);
  await environment[Symbol.asyncDispose]();
  expect(await onEngine(run.runId)).toEqual([]);
});

describe('services that do not start', () => {
  it('are findings with the guilty one, its last lines and what compose said; others run', async () => {
    const quick = { ready: { path: '/', expect: {}, withinMs: 15_000 } };
    const names = ['fine', 'sick', 'patient', 'blocked', 'early', 'absent'];
    const { environment } = await start(on(fixture('failing.yml'), ...names.map((name) => web(name, quick))));
    const { startFailures } = environment;
    expect([...startFailures.keys()].toSorted()).toEqual(['absent', 'blocked', 'early', 'patient', 'sick']);
    expect(startFailures.get('sick')).toMatchObject({
      reason: matching(/^It was not ready within 15000 ms: .* but its healthcheck is unhealthy\.$/),
      logTail: ['sick started'],
    });
    expect(startFailures.get('patient')).toMatchObject({
      reason: matching(
        /^It was not started, because it depends on "sick", which has a healthcheck that fails \(its last check exited with 1: still cold\)\. Compose said: /,
      ),
      logTail: ['sick started'],
    });
    expect(startFailures.get('blocked')).toMatchObject({
      reason: matching(/^It was not started, because it depends on "migrate", which exited with code 3\. Compose said: /),
      logTail: ['no such table, password=[redacted]'],
    });
    expect(startFailures.get('early')).toMatchObject({ exit: { code: 4, signal: null }, logTail: ['no config'] });
    expect(startFailures.get('absent')).toMatchObject({ reason: 'Its command "no-such-program" is not in its image.' });
    expect((await fetch(service(environment, 'fine').url)).status).toBe(200);
  });
});
