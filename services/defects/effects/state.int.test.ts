import { append, createAgent, send, transcript } from '../../testing/client.ts';
import { until } from '../../testing/stack.ts';
import { STATE_DEFECTS } from '../tables/state.ts';
import { describeEffects } from '../../testing/effects.ts';

describeEffects(STATE_DEFECTS, {
  illegal_transition_allowed: async (gateway) => {
    const { id, headers } = await createAgent(gateway);
    await send(gateway, `POST /api/v1/agents/${id}/shutdown`, { headers });
    const { status } = await send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status: 'busy' } });
    return status === 409 ? [] : [`offline to busy was answered ${status}`];
  },
  lost_update: async (gateway) => {
    const agent = await createAgent(gateway);
    const values = Array.from({ length: 40 }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value) => append(gateway, agent, value)));
    const acknowledged = values.filter((_, index) => answers[index]?.status === 201);
    const stored = new Set(await transcript(gateway, agent));
    return acknowledged.filter((value) => !stored.has(value)).map((value) => `${value} was acknowledged and is gone`);
  },
  ack_on_error: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    await postgres.stop();
    const { status } = await append(gateway, agent, 'while away');
    await postgres.start();
    await until(async () => (await send(gateway, 'GET /health/ready')).status === 200);
    const stored = await transcript(gateway, agent);
    return status === 201 && !stored.includes('while away') ? ['an append was acknowledged and is gone'] : [];
  },
});
