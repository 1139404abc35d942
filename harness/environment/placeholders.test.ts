import { describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import { fillStart } from './placeholders.ts';

describe('fillStart', () => {
  const addresses = new Map([
    ['postgres', { url: 'postgres://x', port: 5 }],
    ['web', { url: 'http://y', port: 6 }],
  ]);

  it('fills own port and host, and the addresses of others', () => {
    const filled = fillStart(
      { name: 'web', command: ['run', '--port=${port}'], env: { DB: '${postgres.url}', AT: '${host}:${web.port}', RAW: '$${HOME}' } },
      addresses,
    );
    expect(filled).toEqual({ command: ['run', '--port=6'], env: { DB: 'postgres://x', AT: '127.0.0.1:6', RAW: '${HOME}' } });
  });

  it('refuses a placeholder that names nothing', () => {
    expect(() => fillStart({ name: 'web', command: ['${redis.url}'], env: {} }, addresses)).toThrow(MusterError);
  });
});
