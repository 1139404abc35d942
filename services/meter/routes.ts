import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { z } from 'zod';
import type { AppEnv } from '../shared/http-app.ts';
import { readBody, readQuery } from '../shared/read-input.ts';
import { ServiceError } from '../shared/service-error.ts';
import { completionFor, thinkingMs } from './completion.ts';
import { UsageBook } from './usage.ts';

export interface Tokenizer {
  encode(text: string): readonly number[];
  decode(tokens: readonly number[]): string;
}

const MAX_OPERATIONS = 100_000;
const MAX_IN_FLIGHT = 256;
const MAX_WORDS = 40;

const opId = z.string().min(1).max(128);
const completeInput = z.strictObject({
  op_id: opId,
  prompt: z.string().min(1).max(60_000),
  /** Counted, not answered and not booked: what the prompt would have cost without the caller's compression. */
  baseline_prompt: z.string().max(60_000).optional(),
  max_tokens: z.int().min(1).max(4096),
});
const usageQuery = z.object({ op: opId });

/** A model that is deterministic, and honest about tokens: it counts what it was sent and what it says with a real tokenizer. */
export function meterRoutes(tokenizer: Tokenizer): Hono<AppEnv> {
  const book = new UsageBook(MAX_OPERATIONS);
  let inFlight = 0;
  const routes = new Hono<AppEnv>();
  routes.get('/health', (context) => context.json({ status: 'healthy', service: 'meter', pid: process.pid, in_flight: inFlight }));
  routes.post('/v1/complete', async (context) => {
    const input = await readBody(context, completeInput);
    if (inFlight >= MAX_IN_FLIGHT)
      throw new ServiceError('rate_limited', `${MAX_IN_FLIGHT} completions are in flight`, { retryAfterMs: 100 });
    inFlight++;
    try {
      await delay(thinkingMs(input.prompt));
    } finally {
      inFlight--;
    }
    const said = tokenizer.encode(completionFor(input.prompt, MAX_WORDS)).slice(0, input.max_tokens);
    const promptTokens = tokenizer.encode(input.prompt).length;
    book.add(input.op_id, promptTokens, said.length);
    const baseline = input.baseline_prompt === undefined ? {} : { baseline_prompt_tokens: tokenizer.encode(input.baseline_prompt).length };
    return context.json({
      text: tokenizer.decode(said),
      usage: { prompt_tokens: promptTokens, completion_tokens: said.length, ...baseline },
    });
  });
  routes.get('/v1/usage', (context) => {
    const { op } = readQuery(context, usageQuery);
    return context.json({ op, ...book.of(op), forgotten: book.forgotten });
  });
  return routes;
}
