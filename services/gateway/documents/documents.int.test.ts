import { afterAll, beforeAll, expect, it } from 'vitest';
import { send } from '../../testing/client.ts';
import { startBacking, startTestGateway, type Backing, type Gateway } from '../../testing/stack.ts';

let backing: Backing;
let gateway: Gateway;
beforeAll(async () => {
  backing = await startBacking();
  gateway = await startTestGateway(backing);
});
afterAll(async () => {
  await gateway.stop();
  await backing.dispose();
});

it('serves a document', async () => {
  const { body } = await send(gateway, 'GET /openapi.json');
  expect(body['openapi']).toBe('3.1.1');
});
