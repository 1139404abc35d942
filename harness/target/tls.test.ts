import type { ServerOptions } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../model/testing/certificates.ts';
import type { TlsSettings } from '../model/tls.ts';
import { createTargetClient, type TargetClient } from './client.ts';
import { json, type Loopback, startLoopback, targetWith } from './testing/loopback.ts';
import { BINDINGS } from './testing/secure-bindings.ts';
import { secureService } from './testing/secure.ts';

const authority = createAuthority('An Authority');
const stranger = createAuthority('Another Authority');
const own = authority.issue({ name: 'api', hosts: ['127.0.0.1'] });
const named = authority.issue({ name: 'elsewhere', hosts: ['api.internal'] });
const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

async function secured(tls: ServerOptions, trust: Partial<TlsSettings>): Promise<{ server: Loopback; client: TargetClient }> {
  const server = await startLoopback({
    tls,
    http: (_request, response) => json(response, 200, { success: true }),
    ws(socket, request) {
      if (request.url === '/events') return socket.send(JSON.stringify({ type: 'message', key: 'k', value: 'v' }));
      socket.on('message', (data: Buffer) => {
        const { id, params } = JSON.parse(data.toString()) as { readonly id: number; readonly params: unknown };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: params }));
      });
    },
  });
  const target = { ...targetWith(BINDINGS), services: [secureService(server.url, trust)] };
  const client = createTargetClient({ target, urls: { api: server.url }, timeoutMs: 5_000 });
  open.push(server, client);
  return { server, client };
}

describe('over TLS', () => {
  it('requests share a connection, events and tool calls are spoken, with an authority of its own', async () => {
    const { server, client } = await secured(own, { ca: authority.cert });
    for (let n = 0; n < 20; n += 1) expect((await client.execute({ text: 'x' })).answer.outcome).toBe('ok');
    // A request that comes as the answer before it is still being read away gets a connection of its own.
    const { handshakes } = server.accepted;
    expect(handshakes).toBeLessThanOrEqual(2);

    const events = await client.openEvents({});
    if (!events.ok) throw new Error(events.error);
    expect(await events.value.next(({ appended }) => appended, { withinMs: 5_000 })).toMatchObject({ ok: true, event: { key: 'k' } });
    const session = await client.openMcp();
    if (!session.ok) throw new Error(session.error);
    expect(await session.value.callEcho('canary')).toMatchObject({ echoed: true });
    await Promise.all([events.value.close(), session.value.close()]);
    expect(server.accepted.handshakes).toBe(handshakes + 2);
  });

  it.each([
    ['no authority that is known', own, {}],
    ['another authority', own, { ca: stranger.cert }],
    ['another name', named, { ca: authority.cert }],
    ['another name than the one that is expected', own, { ca: authority.cert, serverName: 'api.internal' }],
    ['a time that is over', authority.issue({ name: 'api', hosts: ['127.0.0.1'], days: -1 }), { ca: authority.cert }],
  ] as const)('a certificate of %s is refused before anything is sent', async (_what, certificate, trust) => {
    const { server, client } = await secured(certificate, trust);
    expect((await client.execute({ text: 'x' })).answer).toMatchObject({ outcome: 'unknown', status: null });
    expect(await client.openEvents({})).toMatchObject({ ok: false, status: null });
    expect(server.seen).toEqual([]);
  });

  it('a name that is given is the one that the certificate must be for', async () => {
    const { client } = await secured(named, { ca: authority.cert, serverName: 'api.internal' });
    expect((await client.execute({ text: 'x' })).answer).toMatchObject({ outcome: 'ok', status: 200 });
    const session = await client.openMcp();
    expect(session.ok).toBe(true);
  });

  it('a certificate of our own is shown to a server that asks for one', async () => {
    const asking = { ...own, ca: authority.cert, requestCert: true, rejectUnauthorized: true };
    const { client } = await secured(asking, { ca: authority.cert, ...authority.issue({ name: 'muster' }) });
    expect((await client.execute({ text: 'x' })).answer).toMatchObject({ outcome: 'ok' });
    expect((await client.openMcp()).ok).toBe(true);
    const { client: nobody } = await secured(asking, { ca: authority.cert });
    expect((await nobody.execute({ text: 'x' })).answer).toMatchObject({ outcome: 'unknown' });
  });
});
