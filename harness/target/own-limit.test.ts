import { describe, expect, test } from 'vitest';
import { ownSocketLimit } from './own-limit.ts';

function failed(code: string): Error {
  return Object.assign(new Error(`connect ${code} 127.0.0.1:80`), { code });
}

describe('a connection that could not be opened', () => {
  test.each(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS'])('for %s is our own fault', (code) => {
    expect(ownSocketLimit(failed(code))).toMatchObject({ code: 'MUSTER_OWN_SOCKET_LIMIT', blame: 'harness' });
    expect(ownSocketLimit(failed(code))?.message).toContain(code);
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE', 'toString'])('for %s is what the target did', (code) => {
    expect(ownSocketLimit(failed(code))).toBeNull();
  });

  test('without a code is no limit of ours', () => {
    expect(ownSocketLimit(new Error('socket hang up'))).toBeNull();
    expect(ownSocketLimit(null)).toBeNull();
  });
});
