import { expect, it } from 'vitest';
import { BREAKER_DEFAULTS, createBreaker } from '../../shared/breaker.ts';
import type { JsonAnswer } from '../../shared/call-json.ts';
import { ServiceError } from '../../shared/service-error.ts';
import { createModel } from './model.ts';

const GOOD = { text: 'yes', usage: { prompt_tokens: 3, completion_tokens: 1, baseline_prompt_tokens: 5 } };

function setUp(call: () => Promise<JsonAnswer>) {
  const breaker = createBreaker('meter', BREAKER_DEFAULTS);
  const model = createModel({ call, close: () => undefined }, breaker);
  const ask = (timeoutMs = 3000) => model.complete({ opId: 'o', prompt: 'p', baselinePrompt: 'pp', maxTokens: 8, timeoutMs });
  return { ask, state: () => breaker.status().state };
}

it('hands on what the model says and counts', async () => {
  expect(await setUp(async () => ({ status: 200, body: GOOD })).ask()).toEqual({
    text: 'yes',
    promptTokens: 3,
    completionTokens: 1,
    baselinePromptTokens: 5,
  });
});

it.each([
  [429, 'rate_limited', 'closed'],
  [422, 'validation_failed', 'closed'],
  [500, 'dependency_unavailable', 'open'],
  [200, 'dependency_unavailable', 'open'],
])('an answer %s is %s, and five leave the breaker %s', async (status, code, state) => {
  const { ask, state: now } = setUp(async () => ({ status, body: {} }));
  for (let index = 0; index < 5; index++) await expect(ask()).rejects.toMatchObject({ code });
  expect(now()).toBe(state);
});

it('does not stop asking because callers had no patience', async () => {
  const { ask, state } = setUp(() => Promise.reject(new ServiceError('timeout', 'late')));
  for (let index = 0; index < 10; index++) await expect(ask(5)).rejects.toThrow('late');
  expect(state()).toBe('closed');
});
