import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { RunningService } from '../model/environment.ts';
import { http } from './fixtures/target.ts';
import { look } from './look.ts';

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A service that is busy for the first so many requests. */
async function busyFor(requests: number): Promise<RunningService> {
  let seen = 0;
  server = createServer((_, response) => {
    seen += 1;
    response.writeHead(seen > requests ? 200 : 503).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = (server.address() as AddressInfo).port;
  return { name: 'web', kind: 'http', url: `http://127.0.0.1:${port}` } as RunningService;
}

const web = http('web', '', { ready: { path: '/', expect: {}, withinMs: 10_000 } });

it('a service that stands may be busy for a moment', async () => {
  expect(await look(web, await busyFor(2), new AbortController().signal)).toMatchObject({ ready: true });
});

it('nobody is waited for once the run is aborted', async () => {
  const abort = new AbortController();
  const pending = look(web, await busyFor(1_000_000), abort.signal);
  abort.abort(new Error('enough'));
  await expect(pending).rejects.toThrow('enough');
});
