import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { openSocket, send } from '../../testing/client.ts';
import { handshake } from '../../testing/handshake.ts';
import { initialization, postMcp } from '../../testing/mcp.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';

const API_KEY_ADMIN = `admin-${randomUUID()}`;
const admin = { 'x-api-key': API_KEY_ADMIN };

const { backing, gateway } = await gatewayForFile({ AUTH: 'on', API_KEY_ADMIN });

async function makeKey(workspaceId?: string): Promise<{ readonly id: string; readonly key: string }> {
  const body = { name: randomUUID(), ...(workspaceId === undefined ? {} : { workspace_id: workspaceId }) };
  const made = await send(gateway, 'POST /api/v1/api-keys', { headers: admin, body });
  return made.body as { id: string; key: string };
}

it('keeps a key out of other workspaces at every entrance, and notes the attempt', async () => {
  const workspace = randomUUID();
  const elsewhere = randomUUID();
  const own = { 'x-api-key': (await makeKey(workspace)).key };
  const foreign = { ...own, 'x-workspace-id': elsewhere };
  const paths = ['/ws', '/ws/dashboard', '/ws/agents/stream', '/ws/mcp?agent_id=a', `/ws/tasks/${randomUUID()}`];
  for (const path of paths) {
    expect([path, await handshake(gateway, path, foreign)]).toEqual([path, 403]);
    const named = `${path}${path.includes('?') ? '&' : '?'}workspace_id=${elsewhere}`;
    expect([path, await handshake(gateway, named, own)]).toEqual([path, 403]);
  }
  expect((await postMcp(gateway, initialization(), foreign)).status).toBe(403);
  const count = async () => {
    const { body } = await send(gateway, 'GET /api/v1/security-events', { headers: own });
    return (body['items'] as readonly { readonly occurrences: number }[]).reduce((sum, { occurrences }) => sum + occurrences, 0);
  };
  await until(async () => (await count()) === 2 * paths.length + 1);
});

it('shows a key with a workspace the figures of its own workspace only', async () => {
  const workspace = randomUUID();
  const own = { 'x-api-key': (await makeKey(workspace)).key };
  await query(
    backing.postgres.adminUrl,
    `insert into operations (id, workspace_id, type, status, priority, parameters, metadata, deadline_at, lease_until)
     values (gen_random_uuid(), $1, 'performance_check', 'escalating', 5, '{}', '{}', now(), now())`,
    [DEFAULT_WORKSPACE],
  );
  await send(gateway, 'POST /api/v1/patterns/execute', { headers: admin, body: { query: 'what is known' } });
  const stranger = await openSocket(gateway, '/ws/mcp?agent_id=stranger', { headers: admin });
  const board = await openSocket(gateway, '/ws/dashboard', { headers: own });
  board.send({ type: 'get_status' });
  await until(async () => board.frames.length > 0);
  expect(board.frames).toMatchObject([{ type: 'stats', connections: 1, by_agent: {}, active_operations: 0, escalations: 0 }]);
  await until(async () => ((await send(gateway, 'GET /api/v1/stats', { headers: admin })).body['tokens'] as { used: number }).used > 0);
  expect((await send(gateway, 'GET /api/v1/stats', { headers: own })).body).toMatchObject({
    tokens: { used: 0, by_type: {} },
    ws: { connections: 1, by_agent: {} },
  });
  for (const { socket } of [stranger, board]) socket.terminate();
});

it('closes what a key had opened when it is revoked', async () => {
  const { id, key } = await makeKey();
  const [gone, stays] = await Promise.all([{ 'x-api-key': key }, admin].map((headers) => openSocket(gateway, '/ws', { headers })));
  await send(gateway, `DELETE /api/v1/api-keys/${id}`, { headers: admin });
  expect(await gone?.closed()).toBe(1008);
  expect(stays?.socket.readyState).toBe(1);
  stays?.socket.terminate();
});
