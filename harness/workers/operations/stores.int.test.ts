import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchStore, scratchStore } from '../../environment/testing/scratch-stores.ts';
import { template } from '../../target/testing/loopback.ts';
import { drive, type Driven } from './testing/drive.ts';

const URL = 'http://127.0.0.1:1';

describe('redis and stream', () => {
  let store: ScratchStore;

  beforeAll(async () => {
    store = await scratchStore('redis');
  });

  afterAll(() => store[Symbol.asyncDispose]());

  it('runs commands, calls a refusal one, and a lost server unknown', async () => {
    const redis = new Redis(store.url);
    const options = { url: URL, adminUrls: { redis: store.url } };
    const set = { service: 'redis', command: ['SET', 'k:${agent}', 'v${value}'] };
    await using good = drive({ operation: 'redis', options: set }, options);
    await using bad = drive({ operation: 'redis', options: { ...set, command: ['INCR', 'k:agent-2'] } }, options);
    const stream = { add: template('POST /x'), processed: '', key: 'messages:${agent}', group: 'g' };
    const added = { ...options, bindings: { stream } };
    await using streamed = drive({ operation: 'stream', options: { redis: true, service: 'redis', field: 'payload' } }, added);
    try {
      for (const one of [good, bad, streamed]) await one.open(3);
      expect(await good.call(2)).toEqual({ outcome: 'ok', bytes: 2 });
      expect(await redis.get('k:agent-2')).toBe('v0');
      expect((await bad.call()).outcome).toBe('rejected');
      await redis.config('SET', 'maxmemory', '1');
      await redis.config('SET', 'maxmemory-policy', 'noeviction');
      expect((await good.call()).outcome).toBe('shed');
      await redis.config('SET', 'maxmemory', '0');
      expect((await streamed.call(1)).outcome).toBe('ok');
      expect(await redis.xrange('messages:agent-1', '-', '+')).toEqual([[expect.any(String), ['payload', '1.0']]]);
      redis.disconnect();
      await store.environment.stop('redis', 'kill');
      expect((await good.call()).outcome).toBe('unknown');
    } finally {
      redis.disconnect();
    }
  });
});

describe('sql', () => {
  let store: ScratchStore;

  beforeAll(async () => {
    store = await scratchStore('postgres');
  });

  afterAll(() => store[Symbol.asyncDispose]());

  const sql = (statement: string, values: readonly string[] = []): Driven =>
    drive(
      { operation: 'sql', options: { service: 'postgres', statement, values, connections: 2 } },
      { url: URL, adminUrls: { postgres: store.url } },
    );

  it('runs statements over a few connections, and judges by the SQLSTATE', async () => {
    const client = new Client({ connectionString: store.url });
    await client.connect();
    await client.query('create table t (agent text, value text unique)');
    await using insert = sql('insert into t values ($1, $2)', ['${agent}', '${value}']);
    await insert.open(1);
    const all = await Promise.all(Array.from({ length: 20 }, (_, agent) => insert.call(agent)));
    expect(new Set(all.map(({ outcome }) => outcome))).toEqual(new Set(['ok']));
    const { rows } = await client.query<{ readonly n: number }>('select count(distinct agent)::int as n from t');
    expect(rows[0]?.n).toBe(20);
    const others = await client.query<{ readonly n: number }>(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()",
    );
    expect(others.rows[0]?.n).toBe(2);
    await using twice = sql("insert into t values ('x', '0')");
    expect((await twice.call()).outcome).toBe('rejected');
    await using ended = sql('select pg_terminate_backend(pg_backend_pid())');
    expect((await ended.call()).outcome).toBe('unknown');
    await using full = sql("do $$ begin raise exception using errcode = '53300'; end $$");
    expect((await full.call()).outcome).toBe('shed');
    await client.end();
  });

  it('does not wait at its end for a statement that hangs', async () => {
    const hanging = sql('select pg_sleep(60)');
    const call = hanging.call();
    await hanging.open(1);
    await hanging[Symbol.asyncDispose]();
    expect((await call).outcome).toBe('unknown');
  });

  it('says which store it has no way into, without an address', () => {
    expect(() => drive({ operation: 'sql', options: { statement: 'select 1' } }, { url: URL })).toThrow(
      /no way into a service of kind postgres/,
    );
  });
});
