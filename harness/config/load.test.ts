import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadConfigOptions } from './index.ts';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

const SHOP = fileURLToPath(new URL('./fixtures/shop.yaml', import.meta.url));

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('a target file', () => {
  it('alone is enough, and every part of it arrives in the model', async () => {
    const { target, ...rest } = await folder.load({}, { targetFile: SHOP, env: { GIT_SHA: 'abc' } });
    expect(target.subject).toEqual({ version: '2.4.0', commit: 'abc' });
    expect(target.services.map(({ name, kind, critical }) => [name, kind, critical])).toEqual([
      ['postgres', 'postgres', true],
      ['redis', 'redis', true],
      ['gateway', 'http', true],
      ['worker', 'http', false],
    ]);
    expect(target.services[0]).toMatchObject({ version: '>=15', extensions: ['vector'], database: 'agents', poolMax: 25 });
    expect(target.services[1]).toMatchObject({ maxmemoryBytes: 2 ** 30, policy: 'allkeys-lru', db: 1 });
    expect(target.services[2]).toMatchObject({
      command: ['node', 'dist folder/gateway.js', '--verbose'],
      cwd: join(SHOP, '../..'),
      port: 8000,
      env: { DATABASE_URL: '${postgres.url}', API_KEY: 'local', LEVEL: '3' },
      ready: { path: '/health', expect: { status: 'healthy' }, withinMs: 20_000 },
    });
    expect(target.services[3]).toMatchObject({ command: ['node', 'worker.js', '${gateway.url}'], port: null, health: null });
    expect(target.bindings.execute?.http).toMatchObject({
      method: 'POST',
      path: '/execute',
      service: 'gateway',
      headers: { 'X-Agent': '${agent}' },
    });
    expect(target.bindings.operation?.poll).toEqual({
      method: 'GET',
      path: '/operations/${id}',
      service: 'gateway',
      body: null,
      headers: {},
    });
    expect(target.bindings.meter?.http.service).toBe('worker');
    expect(target.bindings.mcp?.call.params).toEqual({ name: 'echo', arguments: { text: '${canary}' } });
    expect(Object.keys(target.bindings).toSorted()).toEqual([
      'events',
      'execute',
      'health',
      'mcp',
      'meter',
      'operation',
      'register',
      'stream',
      'transitions',
    ]);
    expect(target.workload).toEqual({ agents: 20, ratePerSecond: 50, distinctTexts: 50, mix: null, soakMs: 600_000 });
    expect(rest.criteria).toEqual({ 'benchmark.latency_p95': { pass: '< 300ms', nogo: '>= 600ms' } });
    expect(rest).toMatchObject({
      provider: 'auto',
      profile: 'full',
      suites: null,
      only: null,
      skip: [],
      seed: null,
      deadlineMs: null,
      outDir: join(folder.path, 'muster-report'),
    });
    expect(rest.notes).toEqual(['signoffs is accepted but has no effect in this version.']);
  });

  it('has repeats and a currency in its economy, whether they are written or not', async () => {
    const economy = `
  economy:
    baseline: { http: POST /full }
    context: { texts: ['about \${item}'] }
    types: { memory: { texts: ['recall \${item}'], body: { depth: 2 } } }
    prices: { inputPerMillion: 3, outputPerMillion: 15, operationsPerDay: 100 }
  meter: { http: GET /usage, tokens: all, prompt: in, completion: out }`;
    const { target } = await folder.load({ 't.yaml': `${MINIMAL}bindings:${economy}\n` }, { targetFile: 't.yaml' });
    expect(target.bindings.economy).toEqual({
      baseline: { method: 'POST', path: '/full', service: 'api', body: null, headers: {} },
      repeats: 20,
      types: { memory: { texts: ['recall ${item}'], body: { depth: 2 } } },
      context: { texts: ['about ${item}'], body: {} },
      prices: { inputPerMillion: 3, outputPerMillion: 15, operationsPerDay: 100, currency: 'USD' },
    });
  });

  it('is frozen through and through', async () => {
    const { target, criteria } = await folder.load({}, { targetFile: SHOP });
    expect(Object.isFrozen(target.bindings.execute?.http.headers)).toBe(true);
    expect(Object.isFrozen(criteria['benchmark.latency_p95'])).toBe(true);
    expect(Object.isFrozen(target.services)).toBe(true);
  });

  it('may be written within the config file', async () => {
    const config = await folder.load({
      'muster.config.json': JSON.stringify({ target: { name: 'x', services: { api: { kind: 'http', command: ['run'] } } } }),
    });
    expect(config.target.services[0]).toMatchObject({ name: 'api', cwd: folder.path });
    expect(config.targetFile).toBeNull();
  });
});

describe('the order of layers', () => {
  const files = {
    't/tiny.yaml': `${MINIMAL}workload: { agents: 1, rate: 1rps, distinctTexts: 1 }\ncriteria: { benchmark.latency_p95: { pass: '< 100ms', owner: target } }\n`,
    'muster.config.yaml': `
target: t/tiny.yaml
provider: local
seed: 1
deadline: 1m
out: reports
workload: { agents: 2, rate: 2rps }
criteria: { benchmark.latency_p95: { pass: '< 200ms' } }
profiles:
  quick: { deadline: 10s, suites: [preflight], workload: { rate: 3rps }, criteria: { benchmark.latency_p95: { pass: '< 300ms' } } }
`,
  };

  it('takes load workers as a number or the address of a Redis, from each layer', async () => {
    const workers = async (env: Readonly<Record<string, string>>, flag?: number | string, lines = '') => {
      const { loadWorkers, provenance, secrets, digest } = await folder.load(
        { ...files, 'muster.config.yaml': `${files['muster.config.yaml']}${lines}` },
        { env, flags: { workers: flag } },
      );
      return { loadWorkers, origin: provenance.get('load.workers'), secrets: [...secrets], digest };
    };
    const plain = await workers({});
    expect(plain).toMatchObject({ loadWorkers: 1, origin: 'default' });
    expect(await workers({}, undefined, 'load: { workers: 2 }\n')).toMatchObject({ loadWorkers: 2 });
    expect(await workers({ MUSTER_WORKERS: '3' })).toMatchObject({ loadWorkers: 3, origin: 'env:MUSTER_WORKERS' });
    const queue = await workers({ MUSTER_WORKERS: '3' }, 'redis://:of-the-queue@q:6379');
    expect(queue).toMatchObject({ loadWorkers: 'redis://:of-the-queue@q:6379', origin: 'flag:--workers' });
    expect(queue.secrets).toContain('of-the-queue');
    // Who makes the load does not decide what is measured.
    expect(queue.digest).toBe(plain.digest);
    for (const wrong of [0, 17, 'http://q:1']) await expect(workers({}, wrong)).rejects.toThrow('--workers');
  });

  it('is defaults < files < profile < variables < flags, with the origin of every value', async () => {
    const env = { MUSTER_PROFILE: 'quick', MUSTER_SEED: '5', MUSTER_SUITES: 'benchmark, recovery', MUSTER_OUT: '' };
    const config = await folder.load(files, { env, flags: { seed: 6 } });
    expect(config).toMatchObject({
      profile: 'quick',
      provider: 'local',
      seed: 6,
      deadlineMs: 10_000,
      suites: ['benchmark', 'recovery'],
      outDir: join(folder.path, 'reports'),
      criteria: { 'benchmark.latency_p95': { pass: '< 300ms', owner: 'target' } },
      target: { workload: { agents: 2, ratePerSecond: 3, distinctTexts: 1 } },
    });
    expect(
      Object.fromEntries(
        [
          'profile',
          'provider',
          'seed',
          'deadlineMs',
          'suites',
          'only',
          'skip',
          'outDir',
          'target.workload.agents',
          'target.workload.ratePerSecond',
          'target.workload.distinctTexts',
          'target.services.api.command',
          'target.services.api.port',
          'criteria.benchmark.latency_p95.pass',
          'criteria.benchmark.latency_p95.owner',
          'allow.faults',
        ].map((path) => [path, config.provenance.get(path)]),
      ),
    ).toEqual({
      profile: 'env:MUSTER_PROFILE',
      provider: 'file:muster.config.yaml',
      seed: 'flag:--seed',
      deadlineMs: 'profile:quick',
      suites: 'env:MUSTER_SUITES',
      only: 'default',
      skip: 'default',
      outDir: 'file:muster.config.yaml',
      'target.workload.agents': 'file:muster.config.yaml',
      'target.workload.ratePerSecond': 'profile:quick',
      'target.workload.distinctTexts': 'file:t/tiny.yaml',
      'target.services.api.command': 'file:t/tiny.yaml',
      'target.services.api.port': 'default',
      'criteria.benchmark.latency_p95.pass': 'profile:quick',
      'criteria.benchmark.latency_p95.owner': 'file:t/tiny.yaml',
      'allow.faults': 'default',
    });
  });

  it('the digest changes with what is judged and with nothing else', async () => {
    const digestOf = async (options: Partial<LoadConfigOptions>) => (await folder.load(files, options)).digest;
    const plain = await digestOf({});
    expect(plain).toMatch(/^[0-9a-f]{64}$/);
    expect(await digestOf({ flags: { out: 'elsewhere' } })).toBe(plain);
    expect(await digestOf({ flags: { seed: 2 } })).not.toBe(plain);
    expect(await digestOf({ profile: 'quick' })).not.toBe(plain);
  });

  it('every leaf of the target has an origin', async () => {
    const { provenance } = await folder.load({}, { targetFile: SHOP });
    const paths = [...provenance.keys()];
    expect(paths.filter((path) => path.startsWith('target.services.gateway.')).length).toBeGreaterThan(10);
    expect(provenance.get('target.services.postgres.poolMax')).toMatch(/^file:/);
    expect(provenance.get('target.services.worker.ready.withinMs')).toBe('default');
    expect(provenance.get('target.bindings.execute.http.method')).toMatch(/^file:/);
    expect(provenance.get('target.bindings.execute.http.service')).toBe('default');
    expect(provenance.get('target.bindings.meter.http.service')).toMatch(/^file:/);
    expect(provenance.get('target.bindings.operation.create.path')).toMatch(/^file:/);
  });
});
