import { readdir } from 'node:fs/promises';
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

describe('config scripts', () => {
  const script = (value: string) =>
    `interface Given { readonly profile: string; readonly env: Record<string, string> }\nenum Many { Agents = 7 }\n${value}`;

  it('TypeScript functions get environment and profile, may import, and leave no file behind', async () => {
    const config = await folder.load(
      {
        'tiny.yaml': MINIMAL,
        'shared.ts': 'export const seed: number = 40;',
        'muster.config.ts': script(
          `import { seed } from './shared.ts';\nexport default async ({ profile, env }: Given) => ({ target: 'tiny.yaml', seed: seed + Number(env['PLUS']), workload: { agents: profile === 'quick' ? 1 : Many.Agents } });`,
        ),
      },
      { env: { PLUS: '2' } },
    );
    expect([config.seed, config.target.workload.agents]).toEqual([42, 7]);
    expect((await readdir(folder.path)).toSorted()).toEqual(['muster.config.ts', 'shared.ts', 'tiny.yaml']);
  });

  it('JavaScript is read, too', async () => {
    const config = await folder.load(
      {
        'tiny.yaml': MINIMAL,
        'muster.config.mjs': `export default ({ profile }) => ({ target: 'tiny.yaml', skip: profile === 'quick' ? ['recovery'] : [] });`,
      },
      { profile: 'quick' },
    );
    expect(config.skip).toEqual(['recovery']);
  });

  it('a syntax error names file, line, column and shows the line', async () => {
    const error = await folder.failure({ 'muster.config.ts': 'const a = 1;\nexport default { target: , };\n' });
    expect([error.code, error.exitCode]).toEqual(['MUSTER_CONFIG_SYNTAX', 64]);
    expect(error.message).toBe(
      'muster.config.ts:2:26 cannot be read: Unexpected token\n  2 | export default { target: , };\n                               ^',
    );
  });

  it('an error of the script itself keeps its message and names the file', async () => {
    const error = await folder.failure({ 'muster.config.ts': `throw new Error('no token for you');` });
    expect(error.message).toBe('muster.config.ts cannot be read: no token for you');
  });
});

describe('files that cannot be used', () => {
  it('a missing config says what was looked for, where, and what to do', async () => {
    const error = await folder.failure({});
    expect(error.code).toBe('MUSTER_CONFIG_NOT_FOUND');
    expect(error.message).toBe(
      `There is no config file in ${folder.path}: looked for muster.config.ts, muster.config.mts, muster.config.js, muster.config.mjs, muster.config.yaml, muster.config.yml, muster.config.json.`,
    );
    expect(error.hint).toBe(
      'Name a config file with --config or a target file with --target; targets/reference.yaml of Muster is a complete example.',
    );
  });

  it('a missing target names the setting that asked for it', async () => {
    const byFile = await folder.failure({ 'muster.config.yaml': 'target: targets/shop.yaml\n' });
    expect([byFile.code, byFile.message]).toEqual([
      'MUSTER_TARGET_NOT_FOUND',
      `The target file targets/shop.yaml (from \`target\` in muster.config.yaml) does not exist; looked in ${join(folder.path, 'targets')}.`,
    ]);
    expect((await folder.failure({}, { env: { MUSTER_TARGET: 'x.yaml' } })).message).toContain('(from MUSTER_TARGET)');
    expect((await folder.failure({}, { targetFile: 'x.yaml' })).message).toContain('(from --target)');
    expect((await folder.failure({}, { file: 'other.yaml' })).message).toContain(
      'The config file other.yaml (from --config) does not exist',
    );
  });

  it('two config files are not silently reduced to one', async () => {
    const error = await folder.failure({ 'muster.config.yaml': '', 'muster.config.json': '{}' });
    expect([error.code, error.hint]).toEqual(['MUSTER_CONFIG_AMBIGUOUS', 'Delete all but one, or choose one with --config.']);
  });

  it('a YAML syntax error names file and line', async () => {
    const error = await folder.failure({ 't.yaml': 'name: x\nservices: [\n' }, { targetFile: 't.yaml' });
    expect(error.code).toBe('MUSTER_CONFIG_SYNTAX');
    expect(error.message).toMatch(/^t\.yaml:3 cannot be read: /);
  });

  it('a service written twice is an error, not the last one', async () => {
    const error = await folder.failure(
      { 't.yaml': 'name: x\nservices:\n  a: { kind: redis }\n  a: { kind: redis }\n' },
      { targetFile: 't.yaml' },
    );
    expect(error.message).toContain('t.yaml:4 cannot be read: Map keys must be unique');
  });
});

it('notApplicable holds only where its predicate does', async () => {
  const files = {
    't.yaml': `${MINIMAL}criteria:\n  benchmark.success: { notApplicable: { reason: no load here, when: profile == quick } }\n  benchmark.latency_p95: { notApplicable: { reason: shared host, when: env.CI == true } }\n  recovery.redis.time_to_recover: { notApplicable: { reason: no redis } }\n`,
  };
  const reasons = async (options: Partial<LoadConfigOptions>) =>
    Object.fromEntries(
      Object.entries((await folder.load(files, { targetFile: 't.yaml', ...options })).criteria).map(([id, { notApplicable }]) => [
        id,
        notApplicable,
      ]),
    );
  expect(await reasons({})).toEqual({
    'benchmark.success': undefined,
    'benchmark.latency_p95': undefined,
    'recovery.redis.time_to_recover': 'no redis',
  });
  expect((await reasons({ profile: 'quick' }))['benchmark.success']).toBe('no load here');
  expect((await reasons({ env: { CI: 'true' } }))['benchmark.latency_p95']).toBe('shared host');
});

it('a number may come from the environment', async () => {
  const files = { 't.yaml': MINIMAL.replace('api.js }', "api.js, port: '${env.PORT:-0}' }") };
  expect((await folder.load(files, { targetFile: 't.yaml', env: { PORT: '8123' } })).target.services[0]).toMatchObject({ port: 8123 });
  expect((await folder.load({}, { targetFile: 't.yaml' })).target.services[0]).toMatchObject({ port: null });
});
