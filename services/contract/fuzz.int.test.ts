import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadFrameCheck } from '../testing/asyncapi.ts';
import { openSocket, send } from '../testing/client.ts';
import { runCampaign, type Campaign } from '../testing/contract/campaign.ts';
import { at, fetchDocument, readDocument, type Json } from '../testing/contract/document.ts';
import { Explorer } from '../testing/contract/explorer.ts';
import { httpCampaign } from '../testing/contract/http-cases.ts';
import { mcpCampaign } from '../testing/contract/mcp-cases.ts';
import { rawCampaign } from '../testing/contract/raw-cases.ts';
import { rpcCampaign, type Tool } from '../testing/contract/rpc-cases.ts';
import { channelsOf, socketCampaign } from '../testing/contract/socket-cases.ts';
import { gatewayForFile } from '../testing/file-stack.ts';
import { initializeMcp } from '../testing/mcp.ts';
import { until } from '../testing/stack.ts';

/** The same cases in every run: MUSTER_FUZZ_SEED looks for others, with a number or `random`. */
const SEED = seedFrom(process.env['MUSTER_FUZZ_SEED']);
const CASES = Number(process.env['MUSTER_FUZZ_CASES'] || 0) || 10_000;
const LIMIT_MS = 240_000;
/** Nothing is refused for its number: what is looked for would hide behind the refusals. */
const UNLIMITED = {
  RATE_LIMIT_PER_SECOND: '1000000',
  RATE_LIMIT_BURST: '1000000',
  REQUESTS_IN_FLIGHT: '100000',
  REQUESTS_BEHIND_MS: '60000',
  MCP_SESSIONS: '100000',
  WS_CONNECTIONS: '100000',
  WS_CONNECTIONS_PER_AGENT: '100000',
  WS_CONNECTIONS_PER_MINUTE: '1000000',
  WS_MESSAGES_PER_SECOND: '1000000',
};

const { backing, gateway } = await gatewayForFile(UNLIMITED);
let explorer: Explorer;
let before: Json;

beforeAll(async () => {
  explorer = new Explorer({ url: gateway.url, document: await fetchDocument(gateway.url), seed: SEED });
  await explorer.explore(2);
  before = (await send(gateway, 'GET /health')).body;
}, LIMIT_MS);

describe(`whatever is sent (MUSTER_FUZZ_SEED=${SEED})`, { timeout: LIMIT_MS }, () => {
  const fuzz = <Case>(campaign: Campaign<Case>, share: number): Promise<readonly string[]> =>
    runCampaign(campaign, { seed: SEED, cases: Math.ceil(CASES * share) });

  it('in requests', async () => {
    expect(await fuzz(httpCampaign('the gateway', gateway.url, explorer), 0.45)).toEqual([]);
  });

  it('in bytes', async () => {
    const paths = ['/health', '/api/v1/patterns/execute', '/mcp', '/ws/mcp', '/ws/dashboard'];
    expect(await fuzz(rawCampaign('the gateway', gateway.url, paths), 0.1)).toEqual([]);
  });

  it('in frames', async () => {
    const { body: document } = await send(gateway, 'GET /asyncapi.json');
    const idsOf = (collection: string): readonly string[] => {
      const getting = explorer.document.operations.find(({ method, path }) => method === 'GET' && path === `/api/v1/${collection}/{id}`);
      return getting === undefined ? [] : explorer.candidates(getting, 'id');
    };
    const { resolve } = readDocument({ ...document, paths: {} });
    const check = await loadFrameCheck(gateway);
    const target = { url: gateway.url, channels: channelsOf(document), resolve, idsOf, check };
    expect(await fuzz(socketCampaign(target), 0.2)).toEqual([]);
  });

  it('in calls', async () => {
    expect(await fuzz(rpcCampaign(gateway.url, await listTools()), 0.1)).toEqual([]);
  });

  it('in calls over HTTP', async () => {
    expect(await fuzz(mcpCampaign(gateway.url, await listTools(), await initializeMcp(gateway)), 0.05)).toEqual([]);
  });

  it.each(['meter', 'worker'])('in requests and bytes to each %s', async (kind) => {
    const urls = kind === 'meter' ? [backing.meterUrl] : backing.workerUrls.split(',').map((entry) => entry.split('=')[1] ?? '');
    for (const url of urls) {
      const other = new Explorer({ url, document: await fetchDocument(url), seed: SEED });
      expect(await fuzz(httpCampaign(`the ${kind}`, url, other), 0.04 / urls.length)).toEqual([]);
      expect(await fuzz(rawCampaign(`the ${kind}`, url, ['/health', '/v1/complete', '/operations']), 0.01 / urls.length)).toEqual([]);
    }
  });

  it('leaves the same process behind, and well', async () => {
    const { status, body } = await send(gateway, 'GET /health');
    expect(status).toBe(200);
    expect([body['pid'], body['instance_id'], body['status']]).toEqual([before['pid'], before['instance_id'], 'healthy']);
  });
});

function seedFrom(text = ''): number {
  if (text === 'random') return randomInt(1, 2 ** 31);
  return Number(text) || 20_261_121;
}

async function listTools(): Promise<readonly Tool[]> {
  const socket = await openSocket(gateway, '/ws/mcp?agent_id=fuzz');
  socket.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
  await until(async () => socket.frames.some(({ id }) => id === 1));
  socket.socket.close();
  return at(
    socket.frames.find(({ id }) => id === 1),
    'result',
  )['tools'] as readonly Tool[];
}
