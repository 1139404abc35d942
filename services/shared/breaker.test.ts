import { expect, it } from 'vitest';
import { Breaker, BREAKER_DEFAULTS } from './breaker.ts';
import { ServiceError } from './service-error.ts';

function setUp() {
  const clock = { ms: 0 };
  const breaker = new Breaker('dep', { ...BREAKER_DEFAULTS, openMs: 100, now: () => clock.ms });
  let calls = 0;
  const fail = () =>
    breaker.run(async () => {
      calls++;
      throw new ServiceError('timeout', 'late');
    });
  const succeed = () =>
    breaker.run(async () => {
      calls++;
      return 'ok';
    });
  const open = async () => {
    for (let index = 0; index < 5; index++) await expect(fail()).rejects.toThrow('late');
  };
  return { breaker, clock, fail, succeed, open, calls: () => calls };
}

it('opens after five failures and then refuses without calling', async () => {
  const { breaker, open, succeed, calls } = setUp();
  await open();
  expect(breaker.status().state).toBe('open');
  await expect(succeed()).rejects.toMatchObject({ code: 'circuit_open', retryAfterMs: 100 });
  expect(calls()).toBe(5);
});

it('lets three trials through after the pause and closes after two successes', async () => {
  const { breaker, clock, open, succeed } = setUp();
  await open();
  clock.ms = 100;
  await succeed();
  expect(breaker.status().state).toBe('half_open');
  await succeed();
  expect(breaker.status().state).toBe('closed');
});

it('opens again when a trial fails', async () => {
  const { breaker, clock, open, fail, succeed } = setUp();
  await open();
  clock.ms = 100;
  await expect(fail()).rejects.toThrow('late');
  expect(breaker.status().state).toBe('open');
  clock.ms = 199;
  await expect(succeed()).rejects.toMatchObject({ code: 'circuit_open' });
});

it('admits no more than three at once while half open', async () => {
  const { breaker, clock, open } = setUp();
  await open();
  clock.ms = 100;
  const never = () => breaker.run(() => new Promise<never>(() => undefined));
  for (let index = 0; index < 3; index++) void never();
  await expect(breaker.run(async () => 'x')).rejects.toMatchObject({ code: 'circuit_open' });
});

it('does not count an error that is the caller’s', async () => {
  const { breaker } = setUp();
  const refuse = () => breaker.run(() => Promise.reject(new ServiceError('validation_failed', 'bad')));
  for (let index = 0; index < 10; index++) await expect(refuse()).rejects.toThrow('bad');
  expect(breaker.status().state).toBe('closed');
});

it('forgets failures that are older than its window', async () => {
  const { breaker, clock, fail } = setUp();
  for (let index = 0; index < 8; index++) {
    clock.ms += 20_000;
    await expect(fail()).rejects.toThrow('late');
  }
  expect(breaker.status().state).toBe('closed');
});
