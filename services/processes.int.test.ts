import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { send } from './testing/client.ts';
import { freePort } from './testing/free-port.ts';
import { until } from './testing/stack.ts';

/** The compiled program, as it is started in earnest. */
function run(program: 'gateway' | 'worker' | 'meter', env: Readonly<Record<string, string>>) {
  const file = fileURLToPath(new URL(`../dist/services/${program}/main.js`, import.meta.url));
  const child = spawn(process.execPath, [file], {
    env: { PATH: process.env['PATH'] ?? '', HOST: '127.0.0.1', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = { text: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.text += chunk.toString('utf8');
  });
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  return { child, output, exited };
}

const NOWHERE = {
  DATABASE_URL: 'postgres://service@127.0.0.1:1/agents',
  REDIS_URL: 'redis://127.0.0.1:1',
  METER_URL: 'http://127.0.0.1:1',
};

describe('a process', () => {
  it.each([
    ['an unknown defect', { ...NOWHERE, MUSTER_DEFECTS: 'nonsense' }, 'MUSTER_DEFECTS names \\"nonsense\\"'],
    ['a defect that others could reach', { ...NOWHERE, MUSTER_DEFECTS: 'tail_delay', HOST: '0.0.0.0' }, 'loopback only'],
    ['a missing setting', { REDIS_URL: 'redis://127.0.0.1:1' }, 'DATABASE_URL is not set'],
  ])('exits with 64 for %s', async (_, env, message) => {
    const { exited, output } = run('gateway', env);
    expect(await exited).toEqual([64, null]);
    expect(output.text).toContain(message);
  });

  it('exits with 64 for an unknown role', async () => {
    expect(await run('worker', { ...NOWHERE, ROLE: 'gardener' }).exited).toEqual([64, null]);
  });

  it('runs without any dependency, says that it is not ready, and ends on SIGTERM', async () => {
    const port = await freePort();
    const { child, exited } = run('gateway', { ...NOWHERE, PORT: String(port) });
    const gateway = { url: `http://127.0.0.1:${port}` };
    await until(async () =>
      send(gateway, 'GET /health/live').then(
        () => true,
        () => false,
      ),
    );
    expect((await send(gateway, 'GET /health/ready')).status).toBe(503);
    expect(await send(gateway, 'GET /health')).toMatchObject({ status: 503, body: { status: 'unhealthy' } });
    expect(await send(gateway, 'POST /api/v1/patterns/execute', { body: { query: 'status' } })).toMatchObject({ status: 503 });
    child.kill('SIGTERM');
    expect(await exited).toEqual([0, null]);
  });
});
