import { randomUUID } from 'node:crypto';
import { send } from '../../testing/client.ts';
import { alone, describeEffects } from '../../testing/effects.ts';
import { startTestGateway } from '../../testing/stack.ts';
import { API_DEFECTS } from '../tables/api.ts';

const API_KEY_ADMIN = 'a'.repeat(40);

describeEffects(API_DEFECTS, {
  body_parsed_unguarded: async (gateway) => {
    const headers = { 'content-type': 'application/json' };
    const { status } = await fetch(`${gateway.url}/api/v1/delegations`, { method: 'POST', headers, body: '{"request":' });
    return status === 400 ? [] : [`half a body was answered with ${status}`];
  },
  answer_drifted: async (gateway) => {
    const { body } = await send(gateway, 'GET /api/v1/agents/definitions');
    return JSON.stringify(body).includes('"slug"') ? [] : ['no kind of agent has a slug'];
  },
  method_not_looked_at: async (gateway) => {
    const { status } = await send(gateway, 'DELETE /api/v1/audit');
    return status === 405 ? [] : [`a DELETE of the audit log was answered with ${status}`];
  },
  refused_but_written: async (gateway) => {
    const headers = { 'X-Workspace-Id': randomUUID() };
    await send(gateway, 'POST /api/v1/tasks', { headers, body: { title: 7 } });
    const { body } = await send(gateway, 'GET /api/v1/tasks', { headers });
    return (body as { readonly items: readonly unknown[] }).items.length === 0 ? [] : ['a task that was refused is listed'];
  },
  guard_forgotten: alone(async (backing, planted) => {
    const guarded = await startTestGateway(backing, planted, { AUTH: 'on', API_KEY_ADMIN });
    const { status } = await send(guarded, 'GET /api/v1/audit');
    await guarded.stop();
    return status === 401 ? [] : [`without a key the audit log was answered with ${status}`];
  }),
});
