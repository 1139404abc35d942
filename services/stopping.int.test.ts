import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { createAgent, send, transcript } from './testing/client.ts';
import { answers, runGateway, runProgram } from './testing/program.ts';
import { gatewayForFile } from './testing/file-stack.ts';
import { until } from './testing/stack.ts';

/** `other` is a second instance: what the first one acknowledged has to be there after its end. */
const { backing, gateway: other } = await gatewayForFile();

type Outcome = 'acknowledged' | 'refused connection' | 'not accepted' | `failed: ${string}`;

/**
 * One append over a kept connection. A connection that was refused never carried the request. A new one that is reset may have waited in the
 * kernel's queue when the listener closed: the caller has to look that nothing came of it.
 */
function appendOnce(
  agent: Agent,
  url: string,
  target: { readonly path: string; readonly workspace: string },
  value: string,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const outgoing = request(
      `${url}${target.path}`,
      { agent, method: 'POST', headers: { 'content-type': 'application/json', 'x-workspace-id': target.workspace } },
      (incoming) => {
        incoming.resume();
        incoming.once('end', () => resolve(incoming.statusCode === 201 ? 'acknowledged' : `failed: status ${String(incoming.statusCode)}`));
      },
    );
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') resolve('refused connection');
      else if (error.code === 'ECONNRESET' && !outgoing.reusedSocket) resolve('not accepted');
      else resolve(`failed: ${error.code ?? error.message}`);
    });
    outgoing.end(JSON.stringify({ direction: 'inbound', payload: { value } }));
  });
}

describe('SIGTERM', () => {
  it('under load loses nothing that was acknowledged and fails nothing that was in flight', async () => {
    // Long enough to be seen not ready even when the machine is slow.
    const running = await runGateway(backing, { DRAIN_GRACE_MS: '2000' });
    const target = await createAgent(other);
    const path = { path: `/api/v1/agents/${target.id}/messages`, workspace: target.workspace };
    const connections = new Agent({ keepAlive: true, maxSockets: 16 });
    const acknowledged: string[] = [];
    const failures: string[] = [];
    const notAccepted: string[] = [];
    const write = async (writer: number): Promise<void> => {
      for (let index = 0; ; index++) {
        const outcome = await appendOnce(connections, running.url, path, `${writer}-${index}`);
        if (outcome === 'refused connection') return;
        if (outcome === 'not accepted') {
          notAccepted.push(`${writer}-${index}`);
          return;
        }
        if (outcome === 'acknowledged') acknowledged.push(`${writer}-${index}`);
        else failures.push(outcome);
      }
    };
    const writers = Promise.all(Array.from({ length: 16 }, (_, writer) => write(writer)));
    await until(() => Promise.resolve(acknowledged.length > 100));
    running.child.kill('SIGTERM');
    await until(async () => (await fetch(`${running.url}/health/ready`)).status === 503);
    await writers;
    const [code, signal] = await running.exited;
    connections.destroy();
    expect([code, signal]).toEqual([0, null]);
    expect(failures).toEqual([]);
    const stored = new Set(await transcript(other, target));
    expect(acknowledged.filter((value) => !stored.has(value))).toEqual([]);
    expect(notAccepted.filter((value) => stored.has(value))).toEqual([]);
  });

  it('asks clients to leave their connections, and stays live meanwhile', async () => {
    const running = await runGateway(backing, { DRAIN_GRACE_MS: '3000' });
    running.child.kill('SIGTERM');
    await until(async () => (await fetch(`${running.url}/health/ready`)).status === 503);
    const live = await fetch(`${running.url}/health/live`);
    expect([live.status, live.headers.get('connection')]).toEqual([200, 'close']);
    expect(await (await fetch(`${running.url}/health/ready`)).json()).toEqual({ status: 'not_ready', failed: ['draining'] });
    expect((await running.exited)[0]).toBe(0);
    expect(await answers(`${running.url}/health/live`)).toBe(false);
  });

  it('twice ends the process at once', async () => {
    const running = await runGateway(backing, { DRAIN_GRACE_MS: '60000' });
    running.child.kill('SIGTERM');
    await until(async () => (await send(running, 'GET /health/ready')).status === 503);
    running.child.kill('SIGTERM');
    expect(await running.exited).toEqual([null, 'SIGTERM']);
  });
});

it('does not show the first key, whatever is wrong with it', async () => {
  const { exited, output } = runProgram('gateway', {
    DATABASE_URL: 'postgres://x@127.0.0.1:1/x',
    REDIS_URL: 'redis://127.0.0.1:1',
    METER_URL: 'http://127.0.0.1:1',
    AUTH: 'on',
    API_KEY_ADMIN: 'short-secret',
  });
  expect(await exited).toEqual([64, null]);
  expect(output.text).toContain('API_KEY_ADMIN has 12 characters');
  expect(output.text).not.toContain('short-secret');
});
