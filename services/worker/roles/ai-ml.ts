import { z } from 'zod';
import type { JsonClient } from '../../shared/call-json.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { operation, share } from '../operation.ts';
import type { Role } from '../role.ts';

const completeInput = z.object({ text: z.string().min(1).max(8000), max_tokens: z.int().min(1).max(512).default(64) });
const completion = z.object({ text: z.string(), usage: z.object({ prompt_tokens: z.int(), completion_tokens: z.int() }) });

/** Asks the model. */
export function aiMl(meter: JsonClient): Role {
  return {
    complete: operation({
      schema: completeInput,
      run: async ({ text, max_tokens: maxTokens }, { operationId, deadlineAtMs }) => {
        const timeoutMs = Math.max(1, Math.floor(deadlineAtMs - performance.now()));
        const body = { op_id: operationId, prompt: text, max_tokens: maxTokens };
        const answer = await meter.call({ method: 'POST', path: '/v1/complete', body, timeoutMs });
        const parsed = completion.safeParse(answer.body);
        if (answer.status === 429) throw new ServiceError('rate_limited', 'the model is busy', { retryAfterMs: 500 });
        if (answer.status !== 200 || !parsed.success)
          throw new ServiceError('dependency_unavailable', `the model answered ${answer.status}`);
        const { prompt_tokens: prompt, completion_tokens: said } = parsed.data.usage;
        // Cut short by its limit, an answer lacks its end.
        const whole = said < maxTokens ? 1 : share(said, said + 1);
        return {
          result: { text: parsed.data.text },
          confidence: said === 0 ? 0 : whole,
          usage: { promptTokens: prompt, completionTokens: said },
        };
      },
    }),
  };
}
