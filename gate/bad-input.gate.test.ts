import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { idsIn, runMuster } from './run-muster.ts';

const SERVER = fileURLToPath(new URL('./targets/plain-server.mjs', import.meta.url));
const PLAIN = ['--target', 'gate/targets/plain.yaml', '--profile', 'quick'];
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-bad-input-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function target(text: string): Promise<string> {
  const file = join(folder, `${randomUUID()}.yaml`);
  await writeFile(file, text);
  return file;
}

describe('a command that cannot be obeyed', () => {
  it.concurrent('names an unknown flag and shows where help is', async () => {
    const run = await runMuster(['validate', '--fail-on', 'nothing']);

    expect({ exitCode: run.exitCode, record: run.record }).toEqual({ exitCode: 64, record: null });
    expect(run.stderr).toContain("unknown option '--fail-on'");
  });

  it.concurrent('names every mistake of a target file at once, with what is allowed', async () => {
    const file = await target(`
name: broken
services:
  web: { kind: http, comand: node x.mjs, ready: { path: /, within: 10 } }
criteria:
  benchmark.latency_p95: { pass: '> 250ms', nogo: '< 100rps' }
  benchmark.latency_p96: { pass: '< 1ms' }
`);
    const run = await runMuster(['validate', '--target', file]);

    expect({ exitCode: run.exitCode, record: run.record }).toEqual({ exitCode: 64, record: null });
    for (const part of ['comand', 'did you mean', 'within', 'benchmark.latency_p96']) expect(run.stderr.toLowerCase()).toContain(part);
  });

  it.concurrent('says which file is missing', async () => {
    const run = await runMuster(['validate', '--target', join(folder, 'nowhere.yaml')]);

    expect(run.exitCode).toBe(64);
    expect(run.stderr).toContain('nowhere.yaml');
  });
});

describe('an environment that cannot be had', () => {
  it.concurrent('names the binary that is missing and the next step, and leaves a record that is not green', async () => {
    const run = await runMuster(['validate', '--target', 'gate/targets/stores.yaml', '--profile', 'quick'], {
      MUSTER_REDIS_SERVER: join(folder, 'no-redis'),
    });

    expect(run.exitCode, run.stderr).toBe(69);
    expect(run.stderr).toContain('./scripts/setup');
    expect(run.record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode: 69, run: { complete: false } });
    expect(idsIn(run.record, 'MET')).toEqual([]);
  });

  it.concurrent('names who holds a port that the target insists on', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      const file = await target(`
name: stubborn
services:
  web: { kind: http, command: ['node', '${SERVER}'], port: ${port}, ready: { path: /ping, within: 5s } }
`);
      const run = await runMuster(['validate', '--target', file, '--profile', 'quick']);

      expect(run.exitCode, run.stderr).toBe(69);
      expect(run.stderr).toContain(`port ${port}`);
      expect(run.stderr).toContain(String(process.pid));
    } finally {
      holder.close();
    }
  });

  it.concurrent('treats a command that does not exist as a finding about the target', async () => {
    const file = await target(`
name: absent
services:
  web: { kind: http, command: no-such-program --serve, ready: { path: /ping, within: 5s } }
`);
    const run = await runMuster(['validate', '--target', file, '--profile', 'quick', '--suite', 'preflight']);

    expect({ exitCode: run.exitCode, violated: idsIn(run.record, 'VIOLATED') }, run.stderr).toEqual({
      exitCode: 30,
      violated: ['preflight.services.ready'],
    });
    expect(run.stderr).toContain('no-such-program');
  });
});

describe('a run that is cut short', () => {
  it.concurrent('by its deadline says so, exits 124 and records what did not run', async () => {
    const run = await runMuster(['validate', ...PLAIN, '--suite', 'preflight,benchmark', '--deadline', '4s']);

    expect(run.exitCode, run.stderr).toBe(124);
    expect(run.record).toMatchObject({ exitCode: 124, run: { complete: false } });
    expect(run.record?.reason).toContain('the deadline of 4 s was reached');
    expect(idsIn(run.record, 'NOT_RUN')).toContain('benchmark.success');
  });

  it.concurrent.each([
    { signal: 'SIGINT', exitCode: 130 },
    { signal: 'SIGTERM', exitCode: 143 },
  ] as const)('by $signal exits $exitCode with a partial record', async ({ signal, exitCode }) => {
    const run = await runMuster(
      ['validate', ...PLAIN, '--suite', 'preflight,benchmark', '--json'],
      {},
      { signal, whenStdoutHas: '"phase","suite":"benchmark"' },
    );

    expect(run.exitCode, run.stderr).toBe(exitCode);
    expect(run.record).toMatchObject({ exitCode, run: { complete: false } });
    expect(run.record?.criteria.find(({ id }) => id === 'benchmark.success')).toMatchObject({
      state: 'NOT_RUN',
      reason: `interrupted by ${signal}`,
    });
    expect(idsIn(run.record, 'MET')).toContain('preflight.services.ready');
  });
});
