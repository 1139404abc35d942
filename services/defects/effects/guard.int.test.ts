import { randomUUID } from 'node:crypto';
import { createAgent, send } from '../../testing/client.ts';
import { alone, describeEffects } from '../../testing/effects.ts';
import { startTestGateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { GUARD_DEFECTS } from '../tables/guard.ts';

const API_KEY_ADMIN = 'a'.repeat(40);
const FROM_INSIDE = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'x-original-url', 'x-internal'];
const INSIDE = /\bat .+:\d+:\d+|\bselect\b|\binsert\b|pg_|node_modules|relation "|column "/i;

describeEffects(GUARD_DEFECTS, {
  audit_gap: async (gateway, { postgres }) => {
    const { id, headers } = await createAgent(gateway);
    await send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { name: 'another' } });
    await send(gateway, `POST /api/v1/agents/${id}/activate`, { headers });
    const { rows } = await query(postgres.adminUrl, 'select event_type from audit_logs where subject = $1', [id]);
    const told = rows.map((row) => row['event_type']);
    const done = ['agent.created', 'agent.updated', 'agent.status_changed'];
    return done.filter((action) => !told.includes(action)).map((action) => `${action} was done and is not in the audit log`);
  },
  rate_limit_off: alone(async (backing, planted) => {
    const limited = await startTestGateway(backing, planted, { RATE_LIMIT_PER_SECOND: '5', RATE_LIMIT_BURST: '5' });
    const answers = await Promise.all(Array.from({ length: 40 }, () => send(limited, 'GET /version')));
    await limited.stop();
    return answers.some(({ status }) => status === 429) ? [] : ['40 requests at once were answered with a limit of 5'];
  }),
  auth_bypass: alone(async (backing, planted) => {
    const guarded = await startTestGateway(backing, planted, { AUTH: 'on', API_KEY_ADMIN });
    const answers = await Promise.all(
      ['x-nothing', ...FROM_INSIDE].map(async (header) => {
        const { status } = await send(guarded, 'GET /api/v1/agents', { headers: { [header]: '127.0.0.1' } });
        return status === 401 ? [] : [`without a key and with ${header} the answer was ${status}`];
      }),
    );
    await guarded.stop();
    return answers.flat();
  }),
  error_leak: async (gateway, { postgres }) => {
    const { id, headers } = await createAgent(gateway);
    await query(postgres.adminUrl, 'alter table agent_instances rename column config to settings');
    const { status, body } = await send(gateway, `GET /api/v1/agents/${id}`, { headers });
    const id404 = await send(gateway, `GET /api/v1/agents/${randomUUID()}`, { headers });
    const shown = [JSON.stringify(body), JSON.stringify(id404.body)].filter((text) => INSIDE.test(text));
    return [
      ...(status < 500 ? [`a broken table was answered ${status}`] : []),
      ...shown.map((text) => `an answer shows ${text.slice(0, 200)}`),
    ];
  },
});
