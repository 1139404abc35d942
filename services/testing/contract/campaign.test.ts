import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { call, curlOf } from './call.ts';
import { runCampaign, type Campaign } from './campaign.ts';

/** Answers well, except to the number that each path breaks at. */
let server: Server;
let url: string;
const FAULTS: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  '/fails': (response) => response.writeHead(500).end(),
  '/cuts': (response) => response.destroy(),
};
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const fault = FAULTS[request.url ?? ''];
      if (fault !== undefined && Number(Buffer.concat(chunks).toString('utf8')) >= 50) fault(response);
      else response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

function campaignAt(target: string): Campaign<number> {
  const requestOf = (body: number) => ({ method: 'POST', target, headers: {}, body: String(body) });
  return {
    name: target,
    cases: fc.nat(1000),
    attempt: async (body) => {
      const { status } = await call(url, requestOf(body));
      if (status >= 500) throw new Error(`it answered ${status}`);
    },
    reproducer: (body) => curlOf(url, requestOf(body)),
  };
}

it('finds nothing where nothing is wrong', async () => {
  expect(await runCampaign(campaignAt('/well'), { seed: 1, cases: 100 })).toEqual([]);
});

it.each([
  ['/fails', 'it answered 500'],
  ['/cuts', 'socket hang up'],
])('names the smallest case that %s', async (target, reason) => {
  const [found] = await runCampaign(campaignAt(target), { seed: 1, cases: 100 });
  expect(found).toContain(reason);
  expect(found).toContain(`curl -sS --path-as-is -X POST --data-binary '50' '${url}${target}'`);
});
