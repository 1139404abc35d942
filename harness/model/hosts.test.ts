import { describe, expect, it } from 'vitest';
import { MusterError } from './errors.ts';
import { isAllowedHost, isLoopback, requireAllowedHosts } from './hosts.ts';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.9.8.7', 'localhost', 'LocalHost', '::1', '[::1]'])('%s is', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '128.0.0.1', '127.1', '127.0.0.1.example.com', 'localhost.example.com', '::ffff:127.0.0.1', '', '10.0.0.1'])(
    '%s is not',
    (host) => {
      expect(isLoopback(host)).toBe(false);
    },
  );
});

describe('isAllowedHost', () => {
  const allowed = ['staging.example.com', '*.internal', '2001:db8::7'];

  it.each(['127.0.0.1', 'staging.example.com', 'STAGING.example.com', 'db.internal', 'a.b.internal', '[2001:db8::7]'])('%s is', (host) => {
    expect(isAllowedHost(host, allowed)).toBe(true);
  });

  it.each(['example.com', 'x.staging.example.com', 'internal', 'xinternal', 'db.internal.evil.example', '2001:db8::8'])(
    '%s is not',
    (host) => {
      expect(isAllowedHost(host, allowed)).toBe(false);
    },
  );
});

describe('requireAllowedHosts', () => {
  it('names every host at once and what to write', () => {
    const addresses = ['http://127.0.0.1:1', 'https://a.example/x', 'redis://b.example', 'postgres://u@a.example/d'];
    expect(() => requireAllowedHosts(addresses, ['c.example'])).toThrow('Nothing may be sent to a.example, b.example');
    expect(hintOf(() => requireAllowedHosts(addresses, ['c.example']))).toContain(
      'allow: { hosts: ["c.example", "a.example", "b.example"] }',
    );
  });
});

function hintOf(act: () => void): string {
  try {
    act();
    return '';
  } catch (error) {
    return error instanceof MusterError ? error.hint : '';
  }
}
