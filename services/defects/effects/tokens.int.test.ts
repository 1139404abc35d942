import { randomUUID } from 'node:crypto';
import { send } from '../../testing/client.ts';
import { type Gateway } from '../../testing/stack.ts';
import { TOKENS_DEFECTS } from '../tables/tokens.ts';
import { describeEffects, type Probe } from '../../testing/effects.ts';

const execute = (gateway: Gateway, body: Readonly<Record<string, unknown>>) => send(gateway, 'POST /api/v1/patterns/execute', { body });

/** What an execution reports, against what the meter counted for it. */
const selfReport: Probe = async (gateway, { meterUrl }) => {
  const queries = [`explain ${randomUUID()}`, `explain ${'the figures of the last year '.repeat(8)}${randomUUID()}`];
  const found = await Promise.all(
    queries.map(async (query) => {
      const { body } = await execute(gateway, { query, use_cache: false });
      const counted = (await send({ url: meterUrl }, `GET /v1/usage?op=${String(body['execution_id'])}`)).body['total_tokens'];
      return body['tokens_used'] === counted ? [] : [`reported ${String(body['tokens_used'])}, counted ${String(counted)}`];
    }),
  );
  return found.flat();
};

describeEffects(TOKENS_DEFECTS, { tokens_off_by: selfReport, tokens_constant: selfReport, tokens_by_length: selfReport });
