import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../shared/endpoint.ts';
import type { Completions } from './completions.ts';
import type { UsageBook } from './usage.ts';

const opId = z.string().min(1).max(128);
const prompt = z.strictObject({
  op_id: opId,
  prompt: z.string().min(1).max(60_000),
  /** Counted, not answered and not booked: what the prompt would have cost without the caller's compression. */
  baseline_prompt: z.string().max(60_000).optional(),
  max_tokens: z.int().min(1).max(4096),
});

const count = z.int().min(0);
const completion = z
  .object({
    text: z.string(),
    usage: z.object({ prompt_tokens: count, completion_tokens: count, baseline_prompt_tokens: count.optional() }),
  })
  .meta({ id: 'Completion' });
const usage = z.object({
  op: z.string(),
  calls: count,
  prompt_tokens: count,
  completion_tokens: count,
  total_tokens: count,
  /** How many operations the meter no longer remembers. */
  forgotten: count,
});
const health = z.object({ status: z.literal('healthy'), service: z.literal('meter'), pid: z.int(), in_flight: count });

export function meterEndpoints(completions: Completions, book: UsageBook): readonly Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/health',
      summary: 'Whether the model is well',
      tag: 'health',
      answers: { 200: health },
      open: true,
      handle: () => json(200, { status: 'healthy', service: 'meter', pid: process.pid, in_flight: completions.inFlight }),
    }),
    endpoint({
      method: 'post',
      path: '/v1/complete',
      summary: 'Complete a prompt and say how many tokens that took',
      tag: 'model',
      body: prompt,
      answers: { 200: completion },
      handle: async ({ body }) => json(200, await completions.complete(body)),
    }),
    endpoint({
      method: 'get',
      path: '/v1/usage',
      summary: 'Tokens that one operation took so far',
      tag: 'model',
      query: z.object({ op: opId }),
      answers: { 200: usage },
      handle: ({ query: { op } }) => json(200, { op, ...book.of(op), forgotten: book.forgotten }),
    }),
  ];
}
