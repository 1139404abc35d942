import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceExit } from '../../model/environment.ts';
import { postgres, redis, target } from '../fixtures/target.ts';
import { withRedis } from '../probes.ts';
import type { StartedEnvironment } from '../provider.ts';
import { endAll, engine, node, SERVER, service, start } from './testing/engine-run.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

afterEach(endAll);

async function query(url: string | null, text: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url ?? '' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
}

async function nextExit(environment: StartedEnvironment): Promise<ServiceExit> {
  return await new Promise((resolve) => environment.onUnexpectedExit(resolve));
}

describe('stores', () => {
  it('have the same roles and settings as local ones, and keep what was acknowledged when they are killed', async () => {
    const { environment, runId } = await start(target(postgres, redis));
    const database = service(environment, 'postgres');
    expect(await query(database.url, 'select current_user::text, current_database()::text')).toEqual(['muster_app', 'agents']);
    const settings = ['fsync', 'synchronous_commit', 'full_page_writes', 'cluster_name', 'shared_preload_libraries', 'TimeZone'];
    expect(await query(database.adminUrl, settings.map((name) => `select current_setting('${name}')`).join(' union all '))).toEqual([
      'on',
      'on',
      'on',
      `muster-${runId}`,
      'pg_stat_statements',
      'UTC',
    ]);
    expect(
      await query(database.url, `select rolsuper::text from pg_roles where rolname in ('muster_admin', 'muster_app') order by rolname`),
    ).toEqual(['true', 'false']);
    expect(environment.facts).toMatchObject({
      'engine.version': matching(/^\d/),
      'engine.address': (await engine()).address,
      'postgres.image': matching(/^muster\/postgres:17 \([0-9a-f]{12}\)$/),
      'postgres.version': matching(/^17/),
      'postgres.extension.pgcrypto': matching(/^1/),
      'postgres.extension.no_such_extension': 'missing',
      'redis.version': matching(/^8/),
    });
    expect(database.identity).toMatchObject({ clusterName: `muster-${runId}`, systemIdentifier: matching(/^\d+$/) });

    await query(database.url, 'create table kept as select 7 as n');
    await withRedis(service(environment, 'redis').url, (client) => client.set('kept', '7'));
    const port = database.port;
    for (const name of ['postgres', 'redis']) {
      expect((await environment.stop(name, 'kill')).proof).toMatch(
        /was ended by SIGKILL after \d+ ms; 127\.0\.0\.1:\d+ answers ECONNREFUSED$/,
      );
      await environment.start(name);
    }
    expect(await query(database.url, 'select n from kept')).toEqual([7]);
    expect(await withRedis(service(environment, 'redis').url, (client) => client.get('kept'))).toBe('7');
    expect(await withRedis(service(environment, 'redis').adminUrl ?? '', (client) => client.config('GET', 'maxmemory-policy'))).toContain(
      'noeviction',
    );
    expect({ port: database.port, restarts: database.restarts }).toEqual({ port, restarts: 1 });
    expect((await environment.stop('postgres', 'stop')).proof).toMatch(/exited with code 0 after/);
    await environment.start('postgres');
  });

  it('of a run ask for passwords, over the network too', async () => {
    const { environment } = await start(target(postgres, redis));
    const { port } = service(environment, 'postgres');
    await expect(query(`postgres://muster_admin@127.0.0.1:${String(port)}/postgres`, 'select 1')).rejects.toThrow(/password/);
    await expect(withRedis(`redis://127.0.0.1:${String(service(environment, 'redis').port)}`, (client) => client.get('x'))).rejects.toThrow(
      /NOAUTH|Connection is closed/,
    );
  });
});

describe('services', () => {
  it('get the addresses inside of the network, and are published on loopback only', async () => {
    const env = { DB: '${postgres.url}', CACHE: '${redis.url}', PEER: '${peer.url}', OWN: '${host}:${port}' };
    const { environment, runId } = await start(
      target(postgres, redis, node('peer'), node('agent', { env, dependsOn: ['postgres', 'redis', 'peer'] })),
    );
    const agent = service(environment, 'agent');
    const answer = (await (await fetch(agent.url)).json()) as { env: Record<string, string>; host: string };
    expect(answer.env).toMatchObject({
      DB: matching(/^postgres:\/\/muster_app:[0-9a-f]+@postgres:5432\/agents$/),
      CACHE: matching(/^redis:\/\/:[0-9a-f]+@redis:6379\/1$/),
      PEER: 'http://peer:3456',
      OWN: '0.0.0.0:3456',
      PORT: '3456',
      HOST: '0.0.0.0',
    });
    expect(answer.host).toBe(`127.0.0.1:${String(agent.port)}`);
    const { docker } = await engine();
    const info = await docker.getContainer(agent.container ?? '').inspect();
    expect(info.NetworkSettings.Ports).toEqual({ '3456/tcp': [{ HostIp: '127.0.0.1', HostPort: String(agent.port) }] });
    expect(Object.keys(info.NetworkSettings.Networks)).toEqual([`muster-${runId}`]);
    expect(info.HostConfig).toMatchObject({ Init: true, RestartPolicy: { Name: 'no' }, LogConfig: { Type: 'json-file' } });
    expect(info.Config.Labels['muster.run']).toBe(runId);

    expect(await environment.addressProof('agent')).toEqual({
      ok: true,
      seen: `container ${info.Id.slice(0, 12)} of run ${runId} runs and publishes 3456/tcp as 127.0.0.1:${String(agent.port)}`,
    });
    expect(agent.pid).toBe(info.State.Pid);
    const reading = await environment.reading('agent');
    expect(reading?.memoryBytes).toBeGreaterThan(1_000_000);
    expect(reading?.cpuMs).toBeGreaterThan(1);
    expect(reading?.processes).toBeGreaterThan(1);
    expect(reading?.memoryLimitBytes).toBeNull();
  });

  it('that ignore SIGTERM are killed after their grace, even when frozen', async () => {
    const { environment } = await start(target(node('agent', { env: { STUBBORN: '1' } })));
    const { docker } = await engine();
    const id = service(environment, 'agent').container ?? '';
    await docker.getContainer(id).pause();
    expect((await environment.stop('agent', 'kill')).proof).toMatch(/was ended by SIGKILL/);
    await environment.start('agent');
    expect((await environment.stop('agent', 'stop')).proof).toMatch(/was ended by SIGKILL after (?:[5-9]|\d\d)\d{3} ms; /);
    expect((await environment.stop('agent', 'stop')).proof).toMatch(/was not running; 127\.0\.0\.1:\d+ answers ECONNREFUSED$/);
    await environment.start('agent');
    await docker.getContainer(id).pause();
  });

  it('may write rubbish to their log, over several lives of their container', async () => {
    const rubbish = `process.stdout.write(Buffer.from([1, 0, 0, 0, 0, 0, 0, 9, 255, 254, 27, 91, 51, 49, 109]));
      process.stdout.write('password=hunter2 \\u202Eevil\\n'); ${SERVER}`;
    const { environment } = await start(target(node('agent', {}, rubbish)));
    const first = await environment.logTail('agent', 10);
    expect(first.at(-1)).toBe('listening on 0.0.0.0');
    expect(first.join('\n')).toMatch(/password=\[redacted\] evil/);
    for (const mark of ['\u0000', '\u0001', '\u001B', '\u202E']) expect(first.join('\n')).not.toContain(mark);
    await environment.stop('agent', 'stop');
    await environment.start('agent');
    await expect
      .poll(async () => (await environment.logTail('agent', 100)).filter((line) => line === 'listening on 0.0.0.0').length)
      .toBe(2);
  });

  it('are missed when they leave by themselves, and when they run out of memory', async () => {
    const limited = { resources: { memoryBytes: 64 * 1024 * 1024, cpus: 0.5 } };
    const { environment } = await start(target(node('quitter', { critical: false }), node('eater', limited)));
    expect((await environment.reading('eater'))?.memoryLimitBytes).toBe(64 * 1024 * 1024);
    const left = nextExit(environment);
    await fetch(`${service(environment, 'quitter').url}/leave`).catch(() => undefined); // it leaves without an answer
    expect(await left).toMatchObject({ service: 'quitter', code: 3, signal: null, logTail: ['listening on 0.0.0.0'] });
    expect(service(environment, 'quitter')).toMatchObject({ running: false, pid: null });
    const eaten = new Promise<ServiceExit>((resolve) => environment.onUnexpectedExit((exit) => exit.service === 'eater' && resolve(exit)));
    await fetch(`${service(environment, 'eater').url}/eat`);
    expect(await eaten).toMatchObject({ service: 'eater', cause: 'was killed for lack of memory (limit 64 MiB)' });
  });
});
