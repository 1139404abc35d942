import { expect, it } from 'vitest';
import { BREAKER_DEFAULTS, createBreaker } from '../../shared/breaker.ts';
import type { JsonAnswer } from '../../shared/call-json.ts';
import { createWorkers } from './workers.ts';

const GOOD = { status: 'completed', result: {}, confidence: 1, error: null, usage: { prompt_tokens: 1, completion_tokens: 2 } };

function setUp(answer: JsonAnswer) {
  const breaker = createBreaker('w', BREAKER_DEFAULTS);
  const client = { call: async () => answer, close: () => undefined };
  const workers = createWorkers(new Map([['w', { client, breaker }]]));
  return { breaker, run: (worker = 'w') => workers.run({ worker, operationId: 'o', action: 'a', parameters: {}, deadlineMs: 1000 }) };
}

it('hands on what the worker answered', async () => {
  expect(await setUp({ status: 200, body: GOOD }).run()).toEqual(GOOD);
});

it('names the workers there are when there is no such one', () => {
  expect(() => setUp({ status: 200, body: GOOD }).run('x')).toThrow('no worker "x"; known: w');
});

it.each([
  [422, { error: { message: 'bad', details: [{ path: 'a.b', message: 'no' }] } }, 'validation_failed', 'bad; a.b: no'],
  [400, { error: { message: 'unknown' } }, 'validation_failed', 'unknown'],
  [429, { error: { message: 'busy' } }, 'rate_limited', 'busy'],
  [504, {}, 'timeout', 'worker w ran out of time'],
  [503, { error: { message: 'away' } }, 'dependency_unavailable', 'worker w answered 503: away'],
  [200, { status: 'perhaps' }, 'dependency_unavailable', 'worker w answered 200: w/a answered with a body of another shape'],
])('an answer %s is told as it is', async (status, body, code, message) => {
  await expect(setUp({ status, body }).run()).rejects.toMatchObject({ code, message });
});

it('blames the worker for its own errors only', async () => {
  const wrongInput = setUp({ status: 422, body: { error: { message: 'bad' } } });
  const broken = setUp({ status: 500, body: {} });
  for (let index = 0; index < 6; index++) {
    await expect(wrongInput.run()).rejects.toThrow('bad');
    await expect(broken.run()).rejects.toThrow(/worker w answered 500|keeps failing/);
  }
  expect([wrongInput.breaker.status().state, broken.breaker.status().state]).toEqual(['closed', 'open']);
});
