import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LoadConfigOptions } from './index.ts';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
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
