import { describe, expect, it } from 'vitest';
import { redis } from './fixtures/target.ts';
import { parseInfo, redisConfig } from './redis.ts';

describe('redisConfig', () => {
  const at = { home: '/r/h', port: 7, passwords: { admin: 'A', app: 'B' }, runId: 'r' };

  it('keeps acknowledged data, listens on loopback only and takes limits from the target', () => {
    const lines = redisConfig({ ...redis, maxmemoryBytes: 1024, policy: 'noeviction', db: 20 }, at).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        'bind 127.0.0.1',
        'appendonly yes',
        'maxmemory 1024',
        'maxmemory-policy noeviction',
        'databases 21',
        'requirepass B',
      ]),
    );
  });

  it("leaves the server's defaults where the target says nothing", () => {
    const text = redisConfig({ ...redis, maxmemoryBytes: null, policy: null, db: 0 }, at);
    expect(text).not.toContain('maxmemory');
    expect(text).toContain('databases 16\n');
  });
});

describe('parseInfo', () => {
  it('reads name and value, which may hold colons', () => {
    expect(parseInfo('# Server\r\nredis_version:7.0.15\r\nexecutable:/a:b\r\n\r\n')).toEqual({
      redis_version: '7.0.15',
      executable: '/a:b',
    });
  });
});
