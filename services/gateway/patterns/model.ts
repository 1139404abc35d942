import { z } from 'zod';
import { isFailureWithin, type Breaker } from '../../shared/breaker.ts';
import type { JsonClient } from '../../shared/call-json.ts';
import { ServiceError } from '../../shared/service-error.ts';

const completionSchema = z.object({
  text: z.string(),
  usage: z.object({
    prompt_tokens: z.int().min(0),
    completion_tokens: z.int().min(0),
    baseline_prompt_tokens: z.int().min(0).optional(),
  }),
});

export interface Completion {
  readonly text: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Tokens of the prompt that compression saved the caller from sending. */
  readonly baselinePromptTokens: number;
}

export interface CompletionRequest {
  readonly opId: string;
  readonly prompt: string;
  readonly baselinePrompt: string;
  readonly maxTokens: number;
  readonly timeoutMs: number;
}

export interface Model {
  /** @throws ServiceError timeout, dependency_unavailable, circuit_open, rate_limited or validation_failed. */
  complete(request: CompletionRequest): Promise<Completion>;
}

export function createModel(client: JsonClient, breaker: Breaker): Model {
  return { complete: (request) => breaker.run(() => complete(client, request), isFailureWithin(request.timeoutMs)) };
}

async function complete(client: JsonClient, request: CompletionRequest): Promise<Completion> {
  const { opId, prompt, baselinePrompt, maxTokens, timeoutMs } = request;
  const body = { op_id: opId, prompt, baseline_prompt: baselinePrompt, max_tokens: maxTokens };
  const answer = await client.call({ method: 'POST', path: '/v1/complete', body, timeoutMs });
  if (answer.status === 429) throw new ServiceError('rate_limited', 'the model is busy', { retryAfterMs: 500 });
  if (answer.status >= 400 && answer.status < 500) throw new ServiceError('validation_failed', 'the model does not take this prompt');
  const parsed = completionSchema.safeParse(answer.body);
  if (answer.status !== 200 || !parsed.success) {
    throw new ServiceError('dependency_unavailable', `the model answered ${answer.status} with a body of another shape`, {
      retryAfterMs: 1000,
    });
  }
  const { text, usage } = parsed.data;
  return {
    text,
    promptTokens: usage.prompt_tokens,
    completionTokens: usage.completion_tokens,
    baselinePromptTokens: usage.baseline_prompt_tokens ?? usage.prompt_tokens,
  };
}
