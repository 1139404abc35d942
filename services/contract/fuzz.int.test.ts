import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadFrameCheck } from '../testing/asyncapi.ts';
import { openSocket, send } from '../testing/client.ts';
import { runCampaign, type Campaign } from '../testing/contract/campaign.ts';
import { fetchDocument, readDocument, type Json } from '../testing/contract/document.ts';
import { Explorer } from '../testing/contract/explorer.ts';
import { httpCampaign } from '../testing/contract/http-cases.ts';
import { rawCampaign } from '../testing/contract/raw-cases.ts';
import { rpcCampaign, type Tool } from '../testing/contract/rpc-cases.ts';
import { channelsOf, socketCampaign } from '../testing/contract/socket-cases.ts';
import { startBacking, startTestGateway, until, type Backing, type Gateway } from '../testing/stack.ts';

/** Every run has cases of its own, unless it is told which. */
const SEED = Number(process.env['MUSTER_FUZZ_SEED'] || 0) || Math.floor(Math.random() * 2 ** 31);
const CASES = Number(process.env['MUSTER_FUZZ_CASES'] || 0) || 10_000;
/** Nothing is refused for its number: what is looked for would hide behind the refusals. */
const UNLIMITED = {
  RATE_LIMIT_PER_SECOND: '1000000',
  RATE_LIMIT_BURST: '1000000',
  WS_CONNECTIONS: '100000',
  WS_CONNECTIONS_PER_AGENT: '100000',
  WS_CONNECTIONS_PER_MINUTE: '1000000',
  WS_MESSAGES_PER_SECOND: '1000000',
};

let backing: Backing;
let gateway: Gateway;
let explorer: Explorer;
let before: Json;

beforeAll(async () => {
  backing = await startBacking();
  gateway = await startTestGateway(backing, [], UNLIMITED);
  explorer = new Explorer({ url: gateway.url, document: await fetchDocument(gateway.url), seed: SEED });
  await explorer.explore(2);
  before = (await send(gateway, 'GET /health')).body;
});
afterAll(async () => {
  await gateway.stop();
  await backing.dispose();
});

describe(`whatever is sent (MUSTER_FUZZ_SEED=${SEED})`, () => {
  const fuzz = async <Case>(campaign: Campaign<Case>, share: number): Promise<void> => {
    const found = await runCampaign(campaign, { seed: SEED, cases: Math.ceil(CASES * share) });
    expect(found, found.join('\n')).toEqual([]);
  };

  it('requests', () => fuzz(httpCampaign('the gateway', gateway.url, explorer), 0.5));

  it('bytes', () =>
    fuzz(rawCampaign('the gateway', gateway.url, ['/health', '/api/v1/patterns/execute', '/ws/mcp', '/ws/dashboard']), 0.1));

  it('frames', async () => {
    const { body: document } = await send(gateway, 'GET /asyncapi.json');
    const agents = (await send(gateway, 'GET /api/v1/agents')).body['items'] as readonly Json[];
    const idsOf = (collection: string): readonly string[] =>
      collection === 'agents' ? agents.map(({ id }) => String(id)) : [randomUUID()];
    const { resolve } = readDocument({ ...document, paths: {} });
    await fuzz(
      socketCampaign({ url: gateway.url, channels: channelsOf(document), resolve, idsOf, check: await loadFrameCheck(gateway) }),
      0.2,
    );
  });

  it('calls', async () => {
    const socket = await openSocket(gateway, '/ws/mcp?agent_id=fuzz');
    socket.send({ jsonrpc: '2.0', id: 1, method: 'tools/list' });
    await until(async () => socket.frames.some(({ id }) => id === 1));
    const { tools } = socket.frames.find(({ id }) => id === 1)?.['result'] as { readonly tools: readonly Tool[] };
    socket.socket.close();
    await fuzz(rpcCampaign(gateway.url, tools), 0.1);
  });

  it.each(['meter', 'worker'])('requests and bytes to the %s', async (name) => {
    const url = name === 'meter' ? backing.meterUrl : (backing.workerUrls.split(',')[0]?.split('=')[1] ?? '');
    const other = new Explorer({ url, document: await fetchDocument(url), seed: SEED });
    await fuzz(httpCampaign(`the ${name}`, url, other), 0.03);
    await fuzz(rawCampaign(`the ${name}`, url, ['/health', '/v1/complete', '/operations']), 0.02);
  });

  it('leaves the same process behind, and well', async () => {
    const { status, body } = await send(gateway, 'GET /health');
    expect(status).toBe(200);
    expect([body['pid'], body['instance_id'], body['status']]).toEqual([before['pid'], before['instance_id'], 'healthy']);
  });
});
