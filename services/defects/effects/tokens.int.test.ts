import { randomUUID } from 'node:crypto';
import { send } from '../../testing/client.ts';
import { type Gateway } from '../../testing/stack.ts';
import { TOKENS_DEFECTS } from '../tables/tokens.ts';
import { describeEffects } from '../../testing/effects.ts';

const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

describeEffects(TOKENS_DEFECTS, {
  tokens_off_by: async (gateway, { meterUrl }) => {
    const { body } = await execute(gateway, { query: `explain ${randomUUID()}`, use_cache: false });
    const counted = (await send({ url: meterUrl }, `GET /v1/usage?op=${String(body['execution_id'])}`)).body['total_tokens'];
    return body['tokens_used'] === counted ? [] : [`reported ${String(body['tokens_used'])}, counted ${String(counted)}`];
  },
});
