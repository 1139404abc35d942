import { describe, expect, it } from 'vitest';
import { redactDeep } from './redact.ts';

describe('redactDeep', () => {
  it('hides a secret wherever it stands in the data', () => {
    const data = { url: 'redis://:hunter22@host', nested: [{ log: 'password hunter22 refused' }], n: 1, none: null };
    expect(redactDeep(data, new Set(['hunter22']))).toEqual({
      url: 'redis://:[redacted]@host',
      nested: [{ log: 'password [redacted] refused' }],
      n: 1,
      none: null,
    });
  });

  it('hides the longer of two secrets that overlap', () => {
    expect(redactDeep('tokentoken-long', new Set(['token', 'token-long']))).toBe('[redacted][redacted]');
  });

  it('does not garble data for a secret of a few characters', () => {
    expect(redactDeep('a1b', new Set(['1']))).toBe('a1b');
  });

  it('leaves our own names alone, whatever somebody chose as a password', () => {
    expect(
      redactDeep({ id: 'preflight.postgres.version', log: 'postgres' }, new Set(['postgres']), new Set(['preflight.postgres.version'])),
    ).toEqual({
      id: 'preflight.postgres.version',
      log: '[redacted]',
    });
  });
});

it('hides every password within an address, known or not', () => {
  const text = 'at postgres://postgres:postgres@db/app and http://127.0.0.1:80/x@y';
  expect(redactDeep({ text }, new Set())).toEqual({ text: 'at postgres://postgres:[redacted]@db/app and http://127.0.0.1:80/x@y' });
});
