import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../shared/service-error.ts';
import { createAuthenticate, keyOf } from './authenticate.ts';
import { Bucket } from './bucket.ts';
import { createKnownKeys, hashOf, type KnownKey } from './known-keys.ts';
import { count, type SecurityEvent } from './security-events.ts';

const KEY = 'k'.repeat(40);
const headers = (given: Readonly<Record<string, string>>) => (name: string) => given[name];
const known = (key: string, id = 'id'): KnownKey => ({ id, name: id, workspaceId: null, admin: false, hash: hashOf(key) });

function setUp(first: readonly KnownKey[] = []) {
  const clock = { ms: 0 };
  const store: { keys: readonly KnownKey[]; reads: number; broken: boolean } = { keys: first, reads: 0, broken: false };
  const errors: unknown[] = [];
  const keys = createKnownKeys({
    load: () => {
      store.reads++;
      return store.broken ? Promise.reject(new Error('away')) : Promise.resolve(store.keys);
    },
    onError: (error) => errors.push(error),
    now: () => clock.ms,
  });
  return { keys, clock, store, errors };
}

describe('keyOf', () => {
  it.each([
    ['a bearer token', { authorization: `Bearer ${KEY}` }],
    ['a scheme in any case', { authorization: `bEARER   ${KEY}` }],
    ['the other header', { 'x-api-key': KEY }],
    ['the same key in both', { authorization: `Bearer ${KEY}`, 'x-api-key': KEY }],
  ])('reads %s', (_, given) => expect(keyOf(headers(given))).toEqual({ key: KEY }));

  it.each([
    ['nothing', {}],
    ['another scheme', { authorization: `Basic ${KEY}` }],
    ['another scheme beside a key', { authorization: `Basic ${KEY}`, 'x-api-key': KEY }],
    ['two keys that differ', { authorization: `Bearer ${KEY}`, 'x-api-key': `${KEY}2` }],
    ['an empty key', { 'x-api-key': '' }],
    ['two words', { authorization: `Bearer ${KEY} ${KEY}` }],
    ['two headers in one', { 'x-api-key': `${KEY}, ${KEY}` }],
    ['one that is too long', { 'x-api-key': 'k'.repeat(257) }],
  ])('finds no key in %s', (_, given) => expect(keyOf(headers(given)).key).toBe(null));
});

describe('known keys', () => {
  it('reads the keys once for many requests', async () => {
    const { keys, store } = setUp([known(KEY)]);
    await Promise.all(Array.from({ length: 20 }, () => keys.find(KEY)));
    expect((await keys.find(KEY))?.id).toBe('id');
    expect(store.reads).toBe(1);
  });

  it('lets a revoked key in for less than 5 s', async () => {
    const { keys, clock, store } = setUp([known(KEY)]);
    await keys.find(KEY);
    store.keys = [];
    clock.ms = 4501;
    expect(await keys.find(KEY)).toBe(null);
  });

  it('reads again behind the request when what it knows gets old', async () => {
    const { keys, clock, store } = setUp([known(KEY)]);
    await keys.find(KEY);
    store.keys = [];
    clock.ms = 2500;
    expect((await keys.find(KEY))?.id).toBe('id');
    await Promise.resolve();
    expect(await keys.find(KEY)).toBe(null);
  });

  it('finds a key that was made a moment ago', async () => {
    const { keys, clock, store } = setUp();
    expect(await keys.find(KEY)).toBe(null);
    store.keys = [known(KEY)];
    clock.ms = 300;
    expect((await keys.find(KEY))?.id).toBe('id');
  });

  it('does not let wrong keys become a load', async () => {
    const { keys, store } = setUp();
    for (let index = 0; index < 100; index++) await keys.find(`${KEY}${index}`);
    expect(store.reads).toBeLessThanOrEqual(2);
  });

  it('goes on with what it knows while the database is away for a moment, and no longer', async () => {
    const { keys, clock, store, errors } = setUp([known(KEY)]);
    await keys.find(KEY);
    store.broken = true;
    clock.ms = 3000;
    expect((await keys.find(KEY))?.id).toBe('id');
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toHaveLength(1);
    clock.ms = 5000;
    await expect(keys.find(KEY)).rejects.toThrow('away');
  });
});

it('says who asks, and notes who was turned away', async () => {
  const events: SecurityEvent[] = [];
  const { keys } = setUp([{ ...known(KEY, 'reader'), workspaceId: 'w' }]);
  const authenticate = createAuthenticate(keys, { record: (event) => events.push(event), stop: () => Promise.resolve() });
  const origin = { address: '192.0.2.1', requestId: 'r' };
  expect(await authenticate(headers({ 'x-api-key': KEY }), origin)).toEqual({
    keyId: 'reader',
    name: 'reader',
    workspaceId: 'w',
    admin: false,
  });
  await expect(authenticate(headers({ 'x-api-key': `${KEY}x` }), origin)).rejects.toThrow(ServiceError);
  expect(events).toMatchObject([{ type: 'authentication_failed', address: '192.0.2.1', requestId: 'r' }]);
  expect(JSON.stringify(events)).not.toContain(KEY);
});

describe('a bucket', () => {
  const limits = { perSecond: 10, burst: 5 };

  it('lets a burst through, then one per interval, and says how long to wait', () => {
    const bucket = new Bucket(limits, 0);
    expect(Array.from({ length: 6 }, () => bucket.take(0))).toEqual([0, 0, 0, 0, 0, 100]);
    expect(bucket.take(60)).toBe(40);
    expect(bucket.take(100)).toBe(0);
    expect(bucket.take(10_000)).toBe(0);
    expect(bucket.untold).toBe(7);
  });

  it('takes over what all instances left, less what was taken meanwhile', () => {
    const bucket = new Bucket(limits, 0);
    bucket.take(0);
    bucket.untold = 0;
    bucket.take(0);
    bucket.agree(2, 0);
    expect([bucket.take(0), bucket.take(0)]).toEqual([0, 100]);
  });

  it('makes everybody wait while it is in debt', () => {
    const bucket = new Bucket(limits, 0);
    bucket.agree(-5, 0);
    expect(bucket.take(0)).toBe(600);
  });

  it('may be forgotten when it is full and nothing is untold', () => {
    const bucket = new Bucket(limits, 0);
    expect(bucket.idle(0)).toBe(true);
    bucket.take(0);
    expect(bucket.idle(10_000)).toBe(false);
    bucket.untold = 0;
    expect(bucket.idle(10_000)).toBe(true);
  });
});

describe('counting security events', () => {
  const row = (address: string, at = '2026-01-01T00:00:00.000Z') => ({
    type: 'authentication_failed' as const,
    address,
    requestId: 'first',
    actor: null,
    workspaceId: null,
    reason: 'no key',
    occurrences: 1,
    first_at: at,
    at,
  });

  it('makes one row of what repeats', () => {
    const rows = new Map<string, ReturnType<typeof row>>();
    for (let index = 0; index < 1000; index++) count(rows, { ...row('a', `2026-01-01T00:00:00.${String(index).padStart(3, '0')}Z`) });
    expect([...rows.values()]).toMatchObject([{ occurrences: 1000, at: '2026-01-01T00:00:00.999Z', first_at: '2026-01-01T00:00:00.000Z' }]);
  });

  it('stays bounded when every one is different, and loses no count', () => {
    const rows = new Map<string, ReturnType<typeof row>>();
    for (let index = 0; index < 5000; index++) count(rows, row(`address-${index}`));
    expect(rows.size).toBe(201);
    expect([...rows.values()].reduce((sum, { occurrences }) => sum + occurrences, 0)).toBe(5000);
  });
});
