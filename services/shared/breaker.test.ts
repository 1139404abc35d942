import { describe, expect, it } from 'vitest';
import { BREAKER_DEFAULTS, createBreaker, isFailureWithin } from './breaker.ts';
import { RecentCalls } from './recent-calls.ts';
import { ServiceError } from './service-error.ts';

function setUp() {
  const clock = { ms: 0 };
  const breaker = createBreaker('dep', { ...BREAKER_DEFAULTS, openMs: 100, now: () => clock.ms });
  let calls = 0;
  const fail = () =>
    expect(
      breaker.run(async () => {
        calls++;
        throw new ServiceError('timeout', 'late');
      }),
    ).rejects.toThrow('late');
  const succeed = () =>
    breaker.run(async () => {
      calls++;
      return 'ok';
    });
  const open = async () => {
    for (let index = 0; index < 5; index++) await fail();
  };
  return { breaker, clock, fail, succeed, open, calls: () => calls, state: () => breaker.status().state };
}

describe('a closed breaker', () => {
  it('opens after five failures and then refuses without calling', async () => {
    const { open, succeed, calls, state } = setUp();
    for (let index = 0; index < 100; index++) await succeed();
    await open();
    expect(state()).toBe('open');
    await expect(succeed()).rejects.toMatchObject({ code: 'circuit_open', retryAfterMs: 100 });
    expect(calls()).toBe(105);
  });

  it('opens when half of at least five calls failed', async () => {
    const { fail, succeed, state } = setUp();
    for (let index = 0; index < 3; index++) await succeed();
    for (let index = 0; index < 2; index++) await fail();
    expect(state()).toBe('closed');
    await fail();
    expect(state()).toBe('open');
  });

  it('does not count an error that is the caller’s', async () => {
    const { breaker, state } = setUp();
    const refuse = () => breaker.run(() => Promise.reject(new ServiceError('validation_failed', 'bad')));
    for (let index = 0; index < 10; index++) await expect(refuse()).rejects.toThrow('bad');
    expect(state()).toBe('closed');
  });

  it('forgets failures that are older than its window', async () => {
    const { clock, fail, state } = setUp();
    for (let index = 0; index < 8; index++) {
      clock.ms += 20_000;
      await fail();
    }
    expect(state()).toBe('closed');
  });
});

describe('a half-open breaker', () => {
  it('lets trials through after the pause and closes after two successes', async () => {
    const { clock, open, succeed, state, breaker } = setUp();
    await open();
    clock.ms = 100;
    await succeed();
    expect(state()).toBe('half_open');
    await succeed();
    expect(breaker.status()).toEqual({ name: 'dep', state: 'closed', failures: 0, opened_at: null, retry_at: null, transitions: 3 });
  });

  it('forgives one of three trials, not two', async () => {
    const { clock, open, fail, succeed, state } = setUp();
    await open();
    clock.ms = 100;
    await fail();
    expect(state()).toBe('half_open');
    await fail();
    expect(state()).toBe('open');
    clock.ms = 199;
    await expect(succeed()).rejects.toMatchObject({ code: 'circuit_open' });
  });

  it('admits no more than three at once, and starts over when they never come back', async () => {
    const { breaker, clock, open, succeed } = setUp();
    await open();
    clock.ms = 100;
    const never = () => breaker.run(() => new Promise<never>(() => undefined));
    for (let index = 0; index < 3; index++) void never();
    await expect(succeed()).rejects.toMatchObject({ code: 'circuit_open' });
    clock.ms = 200;
    expect(await succeed()).toBe('ok');
  });

  it('learns nothing from a call that began before it opened', async () => {
    const { breaker, clock, open, succeed, state } = setUp();
    let end: (value: string) => void = () => undefined;
    const early = breaker.run(() => new Promise<string>((resolve) => (end = resolve)));
    await open();
    clock.ms = 100;
    await succeed();
    end('late success');
    await early;
    expect(state()).toBe('half_open');
  });
});

it('says since when it is open and when it tries again', async () => {
  const { breaker, open } = setUp();
  await open();
  const { opened_at: openedAt, retry_at: retryAt, failures } = breaker.status();
  expect(Date.parse(String(retryAt)) - Date.parse(String(openedAt))).toBe(100);
  expect(failures).toBe(5);
});

it('does not blame the dependency for a limit that was too short', () => {
  const late = new ServiceError('timeout', 'late');
  expect([isFailureWithin(1)(late), isFailureWithin(3000)(late)]).toEqual([false, true]);
  expect(isFailureWithin(1)(new ServiceError('dependency_unavailable', 'away'))).toBe(true);
});

it('counts calls of the window only', () => {
  const calls = new RecentCalls(60_000);
  calls.add(0, true);
  calls.add(500, false);
  calls.add(30_000, true);
  expect(calls.within(30_000)).toEqual({ calls: 3, failures: 2 });
  expect(calls.within(60_000)).toEqual({ calls: 1, failures: 1 });
  calls.clear();
  expect(calls.within(60_000)).toEqual({ calls: 0, failures: 0 });
});
