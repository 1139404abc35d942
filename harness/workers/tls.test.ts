import { afterEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { closedLoop, mergeReports, WHOLE, type LoadPlan, type LoadResult, type MixEntry } from '../load/index.ts';
import { createAuthority } from '../model/testing/certificates.ts';
import { tlsOptionsOf } from '../model/tls.ts';
import { createLoadHttp, createTargetClient, headerBlock } from '../target/index.ts';
import { json, type Loopback, startLoopback, targetWith } from '../target/testing/loopback.ts';
import { BINDINGS } from '../target/testing/secure-bindings.ts';
import { secureService } from '../target/testing/secure.ts';
import { runTask } from './run-task.ts';
import { planFixture } from './testing/load-fixtures.ts';

const authority = createAuthority('An Authority');
const certificate = authority.issue({ name: 'api', hosts: ['127.0.0.1'] });
const trust = { ca: authority.cert, cert: null, key: null, serverName: null };
const open: Loopback[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function server(): Promise<Loopback> {
  const started = await startLoopback({
    tls: certificate,
    http: (_request, response) => json(response, 200, { success: true }),
    ws(socket: WebSocket) {
      socket.on('message', (data: Buffer) => {
        const { id, params } = JSON.parse(data.toString()) as { readonly id: number; readonly params: unknown };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: params }));
      });
    },
  });
  open.push(started);
  return started;
}

async function loaded({ url }: Loopback, ca: string, mix: readonly MixEntry[]): Promise<LoadResult> {
  const plan: LoadPlan = planFixture({ mix, maxInFlight: 8, shape: { kind: 'constant', perSecond: 100, durationMs: 1_000 } });
  const target = { ...targetWith(BINDINGS), services: [secureService(url, { ca })] };
  const rest = { urls: { api: url }, adminUrls: {}, allowedHosts: [], calibrate: false };
  return mergeReports([await runTask({ plan, shard: WHOLE, target, ...rest })], []);
}

describe('load over TLS', () => {
  it('is answered over connections that are kept, and sessions that are opened before it', async () => {
    const api = await server();
    const mix = [
      { operation: 'execute', weight: 1 },
      { operation: 'mcp', weight: 1 },
    ];
    const result = await loaded(api, authority.cert, mix);
    expect(result.byOutcome).toMatchObject({ ok: 100, unknown: 0 });
    // 4 agents with a session each; connections for the 8 requests that may be under way, and as many that were still being read away.
    expect(api.accepted.handshakes).toBeLessThanOrEqual(4 + 2 * 8);
    expect(api.seen).toHaveLength(50);
  });

  it('goes to nobody whose certificate is not trusted, and counts that as no answer', async () => {
    const api = await server();
    const result = await loaded(api, createAuthority('Another').cert, [{ operation: 'execute', weight: 1 }]);
    expect(result.byOutcome).toMatchObject({ ok: 0, unknown: 100 });
    expect(api.seen).toEqual([]);
  });

  it('counts each connection once, however many requests it carries', async () => {
    const api = await server();
    await using http = createLoadHttp({ url: api.url, connections: 4, tls: tlsOptionsOf(trust) });
    const headers = headerBlock({});
    const ask = (): Promise<number | null> =>
      new Promise((resolve, reject) => {
        const request = { method: 'GET', path: '/', headers, body: null };
        http.send(request, { answered: ({ status }) => resolve(status), crashed: reject });
      });
    for (let n = 0; n < 30; n += 1) expect(await ask()).toBe(200);
    expect(http.stats().opened).toBe(api.accepted.handshakes);
    expect(api.accepted.handshakes).toBeLessThanOrEqual(2);
  });

  it('of agents that wait for each answer reuses their connections as well', async () => {
    const api = await server();
    const target = { ...targetWith(BINDINGS), services: [secureService(api.url, trust)] };
    await using client = createTargetClient({ target, urls: { api: api.url }, timeoutMs: 5_000 });
    const action = async (): Promise<{ outcome: 'ok' | 'unknown' }> => {
      const { answer } = await client.execute({ text: 'x' });
      return { outcome: answer.outcome === 'ok' ? 'ok' : 'unknown' };
    };
    const result = await closedLoop({ agents: 3, perAgent: 20, action, timeoutMs: 5_000 });
    expect(result.byOutcome).toMatchObject({ ok: 60 });
    expect(api.accepted.handshakes).toBeLessThanOrEqual(2 * 3);
  });
});
