import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchStore, scratchStore } from '../environment/testing/scratch-stores.ts';
import type { StreamBinding } from '../model/target.ts';
import { createPostgresWitness } from './postgres-witness.ts';
import { createRedisStreamReader } from './redis-stream.ts';
import { template } from './testing/loopback.ts';

describe('the Redis stream reader', () => {
  const binding: StreamBinding = { add: template('POST /x'), processed: 'select 1', key: 'messages:${agent}', group: 'group_${agent}' };
  let store: ScratchStore;

  beforeAll(async () => {
    store = await scratchStore('redis');
  });

  afterAll(() => store[Symbol.asyncDispose]());

  it('counts entries and what is delivered but not acknowledged, and reports a lost server as data', async () => {
    const { url } = store;
    const redis = new Redis(url);
    const reader = createRedisStreamReader({ url, binding, timeoutMs: 2000 });
    try {
      expect(await reader.length('a')).toEqual({ ok: true, value: 0 });
      const missing = await reader.pending('a');
      expect(missing.ok ? '' : missing.problem).toContain('NOGROUP');
      await redis.xgroup('CREATE', 'messages:a', 'group_a', '$', 'MKSTREAM');
      for (const value of ['1', '2', '3']) await redis.xadd('messages:a', '*', 'value', value);
      await redis.xreadgroup('GROUP', 'group_a', 'me', 'COUNT', 2, 'STREAMS', 'messages:a', '>');
      expect(await reader.length('a')).toEqual({ ok: true, value: 3 });
      expect(await reader.pending('a')).toEqual({ ok: true, value: 2 });
      redis.disconnect();
      await store.environment.stop('redis', 'kill');
      for (const reading of [await reader.length('a'), await reader.pending('a')]) {
        expect(reading.ok ? '' : reading.problem).toMatch(/ECONNREFUSED|closed|ECONNRESET/);
      }
    } finally {
      redis.disconnect();
      await reader[Symbol.asyncDispose]();
    }
  });
});

describe('the Postgres witness', () => {
  let store: ScratchStore;

  beforeAll(async () => {
    store = await scratchStore('postgres');
  });

  afterAll(() => store[Symbol.asyncDispose]());

  it('reads values and counts for a parameter, and reports every failure as data', async () => {
    const { url } = store;
    const client = new Client({ connectionString: url });
    await client.connect();
    await client.query("create table m (key text, value text); insert into m values ('a', '1'), ('a', '2'), ('b', '3')");
    await client.end();
    const witness = createPostgresWitness({ url, timeoutMs: 500 });
    try {
      expect(await witness.values('select value from m where key = $1 order by value', 'a')).toEqual({ ok: true, values: ['1', '2'] });
      expect(await witness.values('select key, value from m where key = $1', 'b')).toEqual({ ok: true, values: ['3'] });
      expect(await witness.values('select value from m where key = $1', 'z')).toEqual({ ok: true, values: [] });
      expect(await witness.count('select count(*) from m where key = $1', 'a')).toEqual({ ok: true, value: 2 });
      expect(await witness.count('select value from m where key = $1 and false', 'a')).toEqual({
        ok: false,
        problem: 'the SQL returned no number',
      });
      expect(await witness.values('select nope from m where key = $1', 'a')).toEqual({
        ok: false,
        problem: 'column "nope" does not exist',
      });
      const slow = await witness.count('select pg_sleep(60) from m where key = $1', 'b');
      expect(slow).toEqual({ ok: false, problem: 'canceling statement due to statement timeout' });
      await store.environment.stop('postgres', 'kill');
      const lost = await witness.values('select value from m where key = $1', 'a');
      expect(lost.ok).toBe(false);
    } finally {
      await witness[Symbol.asyncDispose]();
    }
  });
});
