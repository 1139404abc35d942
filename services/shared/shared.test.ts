import { describe, expect, it } from 'vitest';
import { integer, onOff, secret, SettingError, urlsByName } from './env.ts';
import { fresh, within } from './fresh.ts';
import { jsonProblem } from './json-value.ts';
import { repeat } from './repeat.ts';
import { errorBody, ServiceError } from './service-error.ts';
import { SingleFlight } from './single-flight.ts';

describe('settings', () => {
  it('reads name=url lists', () => {
    expect([...urlsByName({ W: 'a=http://h:1, b=http://h:2/?x=y' }, 'W')]).toEqual([
      ['a', 'http://h:1'],
      ['b', 'http://h:2/?x=y'],
    ]);
  });

  it('refuses a number out of range by name, value and range', () => {
    const read = () => integer({ PORT: '70000' }, 'PORT', { fallback: 0, min: 0, max: 65_535 });
    expect(read).toThrow(new SettingError('PORT is "70000"; expected a whole number from 0 to 65535'));
  });
});

describe('a switch', () => {
  it('is off unless it is on, and nothing else', () => {
    expect([onOff({}, 'AUTH'), onOff({ AUTH: '' }, 'AUTH'), onOff({ AUTH: 'on' }, 'AUTH')]).toEqual([false, false, true]);
    expect(() => onOff({ AUTH: 'true' }, 'AUTH')).toThrow('AUTH is "true"; expected on or off');
  });
});

describe('a secret', () => {
  it.each(['short', `${'a'.repeat(40)} b`, 'ü'.repeat(40)])('is refused without being shown: %s', (value) => {
    expect(() => secret({ KEY: value }, 'KEY')).toThrow(SettingError);
    expect(() => secret({ KEY: value }, 'KEY')).not.toThrow(value);
  });
  it('is read', () => expect(secret({ KEY: 'a'.repeat(32) }, 'KEY')).toBe('a'.repeat(32)));
});

describe('jsonProblem', () => {
  it('accepts what can be stored', () => expect(jsonProblem({ a: [1, 'ü🙂', null] })).toBe(null));
  it('refuses NUL, in keys too', () => {
    expect(jsonProblem(['a\0'])).toContain('NUL');
    expect(jsonProblem({ 'a\0': 1 })).toContain('NUL');
  });
  it('refuses half a surrogate pair', () => expect(jsonProblem('x\ud800')).toContain('surrogate'));
  it('refuses depth without recursing into it', () => {
    expect(jsonProblem(JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)))).toContain('nested');
  });
});

describe('SingleFlight', () => {
  it('runs the work once for concurrent callers and names the one that did it', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const call = () =>
      flights.run('k', async () => {
        runs++;
        return runs;
      });
    expect(await Promise.all([call(), call(), call()])).toEqual([
      { value: 1, leader: true },
      { value: 1, leader: false },
      { value: 1, leader: false },
    ]);
    expect(await call()).toEqual({ value: 2, leader: true });
  });

  it('keeps no failure', async () => {
    const flights = new SingleFlight<number>();
    await expect(flights.run('k', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect((await flights.run('k', async () => 1)).value).toBe(1);
  });
});

describe('fresh', () => {
  it('shares one probe among concurrent callers', async () => {
    let probes = 0;
    const ask = fresh(async () => {
      probes++;
      return probes;
    }, 60_000);
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
  });

  it('asks again when the answer is too old', async () => {
    let probes = 0;
    const ask = fresh(async () => {
      probes++;
      return probes;
    }, -1);
    expect([await ask(), await ask()]).toEqual([1, 2]);
  });
});

it('within gives up on work that takes too long', async () => {
  await expect(within(new Promise<never>(() => undefined), 5)).rejects.toMatchObject({ code: 'timeout' });
});

describe('repeat', () => {
  it('goes on after a round that throws, and runs again when woken', async () => {
    let rounds = 0;
    const errors: unknown[] = [];
    let second: () => void = () => undefined;
    const twice = new Promise<void>((resolve) => {
      second = resolve;
    });
    const repeater = repeat(
      async () => {
        rounds++;
        if (rounds === 1) throw new Error('first');
        second();
      },
      60_000,
      (error) => errors.push(error),
    );
    await Promise.resolve();
    repeater.wake();
    await twice;
    await repeater.stop();
    expect({ rounds, errors }).toEqual({ rounds: 2, errors: [new Error('first')] });
  });
});

it('an error body carries code, message and request id, and nothing of the cause', () => {
  const error = new ServiceError('rate_limited', 'wait', { retryAfterMs: 500, cause: new Error('secret') });
  expect(errorBody(error, 'r1')).toEqual({ error: { code: 'rate_limited', message: 'wait', retry_after_ms: 500 }, request_id: 'r1' });
});
