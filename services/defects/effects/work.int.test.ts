import { send } from '../../testing/client.ts';
import { type Gateway } from '../../testing/stack.ts';
import { WORK_DEFECTS } from '../tables/work.ts';
import { describeEffects } from '../../testing/effects.ts';

const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describeEffects(WORK_DEFECTS, {
  tail_delay: async (gateway) => {
    let slow = 0;
    await execute(gateway, { query: 'status of the tail' });
    for (let index = 0; index < 40; index++) {
      const startedAtMs = performance.now();
      await execute(gateway, { query: 'status of the tail' });
      if (performance.now() - startedAtMs > 400) slow++;
    }
    return slow === 0 ? [] : [`${slow} of 40 took more than 400 ms`];
  },
});
