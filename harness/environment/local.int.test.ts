import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { Client } from 'pg';
import type { ServiceExit } from '../model/environment.ts';
import type { Target } from '../model/target.ts';
import { MissingBinaryError, PortInUseError } from './errors.ts';
import { ANSWER, http, postgres, redis, target } from './fixtures/target.ts';
import { type Ledger, openLedger } from './ledger.ts';
import { startLocal } from './local.ts';
import { holdPort } from './ports.ts';
import type { StartedEnvironment, StartOptions } from './provider.ts';
import { withRedis } from './probes.ts';
import { processTree } from './process-table.ts';
import { createRunDir } from './run-dir.ts';
import { listeningPids } from './sockets.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);

let open: { environment: StartedEnvironment | null; ledger: Ledger; runDir: string } | null = null;
afterEach(async () => {
  await open?.environment?.[Symbol.asyncDispose]();
  open?.ledger.close();
  open = null;
});

async function start(spec: Target, more: Partial<StartOptions> = {}): Promise<StartedEnvironment> {
  const runId = `int-${randomBytes(5).toString('hex')}`;
  const ledger = openLedger({ runId });
  const runDir = await createRunDir(runId, ledger);
  open = { environment: null, ledger, runDir };
  const signal = new AbortController().signal;
  const environment = await startLocal({
    runId,
    runDir,
    target: spec,
    signal,
    ledger,
    env: process.env,
    onProgress: () => undefined,
    onLost: () => undefined,
    allow: { hosts: [], faults: false },
    ...more,
  });
  open.environment = environment;
  return environment;
}

function service(environment: StartedEnvironment, name: string) {
  const found = environment.services.get(name);
  if (found === undefined) throw new Error(`no service ${name}`);
  return found;
}

async function query(url: string | null, text: string): Promise<unknown[]> {
  if (url === null) throw new Error('there is no address');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

describe('startLocal', () => {
  it('starts stores and services, gives them their addresses, and leaves nothing behind', async () => {
    const web = http('web', ANSWER, { dependsOn: ['postgres', 'redis'], env: { DB: '${postgres.url}' } });
    const environment = await start(target(web, postgres, redis));

    expect([...environment.startFailures]).toEqual([]);
    expect(environment.facts).toMatchObject({
      'postgres.extension.no_such_extension': 'missing',
      'postgres.extension.pgcrypto': matching(/^\d/),
    });
    const { url, adminUrl, port, pid } = service(environment, 'postgres');
    const answer: unknown = await (await fetch(`${service(environment, 'web').url}/any`)).json();
    expect(answer).toEqual({ status: 'healthy', db: url });
    expect(await query(url, 'select rolsuper from pg_roles where rolname = current_user')).toEqual([false]);
    expect(await query(adminUrl, 'show cluster_name')).toEqual([service(environment, 'postgres').identity['clusterName']]);
    expect(
      await query(adminUrl, "select setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')"),
    ).toEqual(['on', 'on', 'on']);
    expect(await listeningPids(port)).toContain(pid);

    const pids = [...environment.services.values()].flatMap((running) => processTree(running.pid ?? 0).map((info) => info.pid));
    expect(pids.length).toBeGreaterThan(3);
    await environment[Symbol.asyncDispose]();
    expect(await environment.audit()).toEqual([]);
    expect(pids.flatMap((one) => processTree(one))).toEqual([]);
    expect(existsSync(open?.runDir ?? '')).toBe(false);
    await environment[Symbol.asyncDispose]();
  });

  it('keeps address and acknowledged data over a stop, a kill and the starts after them', async () => {
    const environment = await start(target(postgres, redis));
    const database = service(environment, 'postgres');
    const cache = service(environment, 'redis');
    const firstPid = database.pid;
    await query(database.url, 'create table t (n int)');
    for (const how of ['stop', 'kill'] as const) {
      await query(database.url, 'insert into t values (1)');
      await withRedis(cache.url, (client) => client.xadd('s', '*', 'how', how));
      for (const name of ['postgres', 'redis']) {
        const { proof } = await environment.stop(name, how);
        expect(proof).toMatch(
          how === 'kill' ? /was ended by SIGKILL after \d+ ms; .* ECONNREFUSED/ : /exited with code 0 after \d+ ms; .* ECONNREFUSED/,
        );
        expect(service(environment, name).pid).toBeNull();
        await environment.start(name);
      }
    }
    expect(await query(database.url, 'select count(*)::int from t')).toEqual([2]);
    expect(await withRedis(cache.url, (client) => client.xlen('s'))).toBe(2);
    expect(database.restarts).toBe(2);
    expect(database.pid).not.toBe(firstPid);
    expect(cache.identity['pid']).toBe(String(cache.pid));
  });

  it('stops and starts twice without harm', async () => {
    const environment = await start(target(http('web', ANSWER)));
    expect((await environment.start('web')).proof).toContain('is ready');
    await environment.stop('web', 'stop');
    expect((await environment.stop('web', 'kill')).proof).toContain('was not running');
    await Promise.all([environment.start('web'), environment.start('web')]);
    expect(service(environment, 'web').restarts).toBe(1);
  });

  it('reports an exit nobody asked for once, with the log and without secrets, and none for a stop', async () => {
    const crash = `${ANSWER}; process.on('SIGUSR2', () => { throw new Error('boom'); })`;
    const environment = await start(
      target(postgres, http('web', crash, { env: { DB: '${postgres.url}' }, dependsOn: ['postgres'] }), http('other', ANSWER)),
    );
    const exits: ServiceExit[] = [];
    const crashed = new Promise<void>((resolve) => {
      environment.onUnexpectedExit((exit) => {
        exits.push(exit);
        resolve();
      });
    });
    await environment.stop('other', 'stop');
    const pid = service(environment, 'web').pid ?? 0;
    process.kill(pid, 'SIGUSR2');
    await crashed;
    expect(exits).toMatchObject([{ service: 'web', pid, code: 1, signal: null }]);
    expect(exits[0]?.logTail.join('\n')).toContain('boom');
    expect(exits[0]?.logTail.join('\n')).toContain('password=[redacted]');
    expect((await environment.start('web')).proof).toContain('is ready');
  });
});

describe('a target that does not start', () => {
  it('is a finding with attempts, last sighting and log; services that depend on it are not started', async () => {
    const never = http('never', ANSWER, { ready: { path: '/health', expect: { status: 'perfect' }, withinMs: 700 } });
    const early = http('early', "console.error('no config'); process.exit(3)");
    const absent = http('absent', '', { command: ['no-such-program'] });
    const lost = http('lost', ANSWER, { cwd: '/no/such/directory' });
    const dependent = http('dependent', ANSWER, { dependsOn: ['never'] });
    const { startFailures, services } = await start(target(never, early, absent, lost, dependent, http('fine', ANSWER)));

    expect([...startFailures.keys()].toSorted()).toEqual(['absent', 'dependent', 'early', 'lost', 'never']);
    expect(startFailures.get('never')).toMatchObject({
      reason: matching(/^It was not ready within 700 ms: tried \d+ times in \d+ ms, last seen: GET \/health answered 200/),
      lastSeen: containing('status is "healthy", expected "perfect"'),
      exit: null,
    });
    expect(startFailures.get('early')).toMatchObject({ exit: { code: 3, signal: null }, logTail: ['no config'] });
    expect(startFailures.get('absent')?.reason).toBe('Its command "no-such-program" was not found: neither a file nor a program on PATH.');
    expect(startFailures.get('lost')?.reason).toBe('Its working directory /no/such/directory does not exist.');
    expect(startFailures.get('dependent')?.reason).toBe('It was not started, because it depends on "never", which did not get ready.');
    expect(['never', 'fine'].map((name) => services.get(name)?.pid === null)).toEqual([true, false]);
  });
});

describe('an environment that does not start', () => {
  it('names the holder of a fixed port', async () => {
    const held = await holdPort('test', null);
    await expect(start(target(http('web', ANSWER, { port: held.port })))).rejects.toThrow(PortInUseError);
    await held.release();
    expect(existsSync(open?.runDir ?? '')).toBe(false);
  });

  it.each([
    ['MUSTER_POSTGRES_BIN', postgres, 'Postgres (postgres and initdb) was not found. Looked in: /no/such/place (MUSTER_POSTGRES_BIN).'],
    ['MUSTER_REDIS_SERVER', redis, 'Redis (redis-server or valkey-server) was not found. Looked in: /no/such/place (MUSTER_REDIS_SERVER).'],
  ])('says where it looked for a program that %s names wrongly', async (variable, store, message) => {
    const failure: unknown = await start(target(store), { env: { ...process.env, [variable]: '/no/such/place' } }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(MissingBinaryError);
    expect(failure).toMatchObject({ message, blame: 'environment', hint: containing('./scripts/setup') });
  });

  it('rejects with the reason of the abort and leaves nothing behind', async () => {
    const abort = new AbortController();
    const slow = http('web', 'setInterval(() => undefined, 1000)', { dependsOn: ['redis'] });
    const starting = start(target(postgres, redis, slow), {
      signal: abort.signal,
      onProgress: () => {
        abort.abort(new Error('stopped by the user'));
      },
    });
    await expect(starting).rejects.toThrow('stopped by the user');
    expect(existsSync(open?.runDir ?? '')).toBe(false);
  });
});
