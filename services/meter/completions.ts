import { setTimeout as delay } from 'node:timers/promises';
import { ServiceError } from '../shared/service-error.ts';
import { completionFor, thinkingMs } from './completion.ts';
import type { UsageBook } from './usage.ts';

export interface Tokenizer {
  encode(text: string): readonly number[];
  decode(tokens: readonly number[]): string;
}

export interface Prompt {
  readonly op_id: string;
  readonly prompt: string;
  readonly baseline_prompt?: string | undefined;
  readonly max_tokens: number;
}

export interface Completion {
  readonly text: string;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly baseline_prompt_tokens?: number };
}

export interface Completions {
  readonly inFlight: number;
  /** @throws ServiceError rate_limited when too many are in flight. */
  complete(prompt: Prompt): Promise<Completion>;
}

const MAX_IN_FLIGHT = 256;
const MAX_WORDS = 40;

/** A model that is deterministic, and honest about tokens: it counts what it was sent and what it says with a real tokenizer. */
export function createCompletions(tokenizer: Tokenizer, book: UsageBook): Completions {
  let inFlight = 0;
  return {
    get inFlight() {
      return inFlight;
    },
    complete: async (prompt) => {
      if (inFlight >= MAX_IN_FLIGHT)
        throw new ServiceError('rate_limited', `${MAX_IN_FLIGHT} completions are in flight`, { retryAfterMs: 100 });
      inFlight++;
      try {
        await delay(thinkingMs(prompt.prompt));
      } finally {
        inFlight--;
      }
      return answer(tokenizer, book, prompt);
    },
  };
}

function answer(tokenizer: Tokenizer, book: UsageBook, prompt: Prompt): Completion {
  const said = tokenizer.encode(completionFor(prompt.prompt, MAX_WORDS)).slice(0, prompt.max_tokens);
  const promptTokens = tokenizer.encode(prompt.prompt).length;
  book.add(prompt.op_id, promptTokens, said.length);
  const baseline = prompt.baseline_prompt === undefined ? {} : { baseline_prompt_tokens: tokenizer.encode(prompt.baseline_prompt).length };
  return { text: tokenizer.decode(said), usage: { prompt_tokens: promptTokens, completion_tokens: said.length, ...baseline } };
}
