import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HttpService, Target } from '../model/target.ts';
import { startExternal, suitsExternal } from './external.ts';
import { http, postgres, redis, target } from './fixtures/target.ts';
import { type Ledger, openLedger } from './ledger.ts';
import type { StartedEnvironment, StartOptions } from './provider.ts';
import { createRunDir } from './run-dir.ts';
import { scratchStore, type ScratchStore } from './testing/scratch-stores.ts';

let open: { environment: StartedEnvironment | null; ledger: Ledger; runDir: string; rowsBefore: number } | null = null;
let server: Server | null = null;
afterEach(async () => {
  await open?.environment?.[Symbol.asyncDispose]();
  open?.ledger.close();
  open = null;
  server?.close();
});

async function start(spec: Target, more: Partial<StartOptions> = {}): Promise<StartedEnvironment> {
  const runId = `int-${randomBytes(5).toString('hex')}`;
  const ledger = openLedger({ runId });
  const runDir = await createRunDir(runId, ledger);
  open = { environment: null, ledger, runDir, rowsBefore: ledger.entries().length };
  open.environment = await startExternal({
    runId,
    runDir,
    ledger,
    target: spec,
    signal: new AbortController().signal,
    env: {},
    onProgress: () => undefined,
    onLost: () => undefined,
    allow: { hosts: [], faults: false },
    ...more,
  });
  return open.environment;
}

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `localhost:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

const at = (url: string, more: Partial<HttpService> = {}): HttpService =>
  http('api', '', { url, command: [], ready: { path: '/health', expect: { status: 'healthy' }, withinMs: 400 }, ...more });

describe('services that somebody else runs', () => {
  it('are looked at under their base path, and left as they are', async () => {
    const asked: (string | undefined)[] = [];
    const host = await serve((request, response) => {
      asked.push(request.url);
      response.end('{"status":"healthy"}');
    });
    const environment = await start(target(at(`http://${host}/base/`)));

    expect([...environment.startFailures]).toEqual([]);
    expect(environment.services.get('api')).toMatchObject({
      url: `http://${host.replace('localhost', '127.0.0.1')}/base`,
      running: true,
      pid: null,
      container: null,
      restarts: 0,
    });
    expect(asked).toEqual(['/base/health']);
    expect({ provider: environment.provider, reason: environment.reason }).toEqual({
      provider: 'external',
      reason: 'addresses given by the target file',
    });
    await expect(environment.stop('api', 'stop')).rejects.toThrow('"api" cannot be stopped: Muster did not start it.');
    expect(await environment.logTail('api', 10)).toEqual([]);
    expect((await environment.addressProof('api')).ok).toBeNull();

    await environment[Symbol.asyncDispose]();
    expect(await environment.audit()).toEqual([]);
    expect(existsSync(open?.runDir ?? '')).toBe(false);
    expect(open?.ledger.entries()).toHaveLength(open?.rowsBefore ?? -1);
  });

  it('that answer in another way, elsewhere or not at all are findings, each with what was seen last', async () => {
    const host = await serve((_, response) => response.writeHead(302, { location: 'https://sso.example.com' }).end('moved'));
    const nobody = { ...postgres, url: 'postgres://app:hunter22@127.0.0.1:1/app' };
    const environment = await start(target(at(`http://${host}`), nobody), { signal: AbortSignal.timeout(30_000) });

    const { api, postgres: store } = Object.fromEntries(environment.startFailures);
    expect(api?.reason).toMatch(
      /^"api" did not answer as ready at http:\/\/127\.0\.0\.1:\d+ \(tried \d+ times in \d+ ms, last seen: GET \/health answered 302 moved\)\.$/u,
    );
    expect(store?.reason).toMatch(/^"postgres" did not answer as ready at postgres:\/\/127\.0\.0\.1:1\/app \(.*ECONNREFUSED/u);
    expect(store?.reason).not.toContain('hunter22');
    expect(environment.services.get('postgres')?.running).toBe(false);
  }, 40_000);

  it('need an address each; all that have none are named', async () => {
    await expect(start(target(at('http://127.0.0.1:1'), postgres, redis))).rejects.toThrow(
      'The provider external does not know where "postgres", "redis" can be found',
    );
    expect(open?.environment).toBeNull();
    expect(existsSync(open?.runDir ?? '')).toBe(false);
  });

  it('are left alone on hosts that nobody allowed', async () => {
    const elsewhere = { ...redis, url: 'redis://127.0.0.1', adminUrl: 'redis://cache.example.com' };
    await expect(start(target(at('http://api.example.com'), elsewhere))).rejects.toMatchObject({
      code: 'MUSTER_HOST_NOT_ALLOWED',
      exitCode: 64,
      message: 'Nothing may be sent to api.example.com, cache.example.com: neither loopback nor in `allow.hosts`.',
    });
  });

  it('are looked for no longer once the run is aborted', async () => {
    const abort = new AbortController();
    const pending = start(target(at('http://127.0.0.1:1', { ready: { path: '/', expect: {}, withinMs: 60_000 } })), {
      signal: abort.signal,
    });
    abort.abort(new Error('enough'));
    await expect(pending).rejects.toThrow('enough');
  });
});

describe('stores that somebody else runs', () => {
  let database: ScratchStore;
  let cache: ScratchStore;
  beforeAll(async () => {
    [database, cache] = await Promise.all([scratchStore('postgres'), scratchStore('redis')]);
  });
  afterAll(async () => {
    await Promise.all([database, cache].map((store) => store[Symbol.asyncDispose]()));
  });

  it('say their versions, and the way in that was given is tried', async () => {
    const refused = Object.assign(new URL(database.url), { password: 'not-the-password' }).toString();
    const environment = await start(
      target({ ...postgres, url: database.url, adminUrl: refused }, { ...redis, url: cache.url, adminUrl: cache.url }),
    );

    expect([...environment.startFailures]).toEqual([]);
    expect(environment.facts['postgres.version']).toMatch(/^\d+/u);
    expect(environment.facts['redis.version']).toMatch(/^\d+\.\d+/u);
    expect(environment.services.get('redis')?.adminUrl).toBe(cache.url);
    expect(environment.services.get('postgres')?.adminUrl).toBeNull();
    expect(environment.cannot['admin:postgres']).toMatch(
      /^The `adminUrl` of "postgres" does not lead in: .*password authentication failed/u,
    );
    expect(environment.cannot['admin:postgres']).not.toContain('not-the-password');
  });

  it('are entered as administrator in the database of the service when no other is named', async () => {
    const adminUrl = Object.assign(new URL(database.url), { pathname: '' }).toString();
    const environment = await start(target({ ...postgres, url: database.url, adminUrl }));
    expect(new URL(environment.services.get('postgres')?.adminUrl ?? '').pathname).toBe('/scratch');
  });
});

describe('suitsExternal', () => {
  it.each([
    [[at('http://127.0.0.1')], { suits: true, reason: 'every service has a `url`' }],
    [[at('http://127.0.0.1'), postgres, redis], { suits: false, reason: 'no usable `url` is given for postgres, redis' }],
    [[{ ...postgres, url: 'postgres://app:${secret}@db/app' }], { suits: false, reason: 'no usable `url` is given for postgres' }],
  ])('case %#', async (services, expected) => {
    expect(await suitsExternal({ target: target(...services), env: {} })).toEqual(expected);
  });
});
