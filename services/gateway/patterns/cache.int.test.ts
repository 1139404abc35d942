import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { send, type Answer } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';
import { onRedis } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

const QUESTION = 'find the report';
const redis = <T>(work: (connection: Redis) => Promise<T>): Promise<T> => onRedis(backing.redis.url, work);
const inWorkspace = (workspace: string) => ({ 'x-workspace-id': workspace });
const ask = async (query: string, workspace: string, more: object = {}) =>
  (await send(gateway, 'POST /api/v1/patterns/execute', { headers: inWorkspace(workspace), body: { query, ...more } })).body;
const tier = async (workspace: string): Promise<unknown> => (await ask(QUESTION, workspace))['cache_tier'];
const invalidate = (workspace: string, body: object): Promise<Answer> =>
  send(gateway, 'POST /api/v1/cache/invalidate', { headers: inWorkspace(workspace), body });
const keysOf = (workspace: string) => redis((connection) => connection.keys(`cache:exec:${workspace}:*`));
/** Asked until the local tier is in use: invalidations arrive. */
const warm = (workspace: string) => until(async () => (await tier(workspace)) === 'local');

describe('a cached answer', () => {
  it('is kept under its workspace for the time of its pattern; a write is not kept', async () => {
    const workspace = randomUUID();
    for (const query of [QUESTION, 'what is a cat', 'remember the cat']) await ask(query, workspace);
    const keys = await keysOf(workspace);
    const times = await redis((connection) => Promise.all(keys.map((key) => connection.ttl(key))));
    expect(keys.every((key) => /^cache:exec:[0-9a-f-]{36}:[0-9a-f]{64}$/.test(key))).toBe(true);
    // The write outdated what was asked before it; the keys stay until their time is up.
    expect(times.map((seconds) => Math.ceil(seconds / 100) * 100).toSorted((a, b) => a - b)).toEqual([300, 600]);
  });

  it('is made once for twenty who ask at once', async () => {
    const workspace = randomUUID();
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(QUESTION, workspace)));
    expect(answers.filter(({ tokens_used: used }) => Number(used) > 0)).toHaveLength(1);
  });

  it('is not served after a memory was stored, nor after a pattern wrote one', async () => {
    const workspace = randomUUID();
    await warm(workspace);
    const body = { content: 'the report is late' };
    expect((await send(gateway, 'POST /api/v1/memories', { headers: inWorkspace(workspace), body })).status).toBe(201);
    expect(await tier(workspace)).toBe('none');
    await warm(workspace);
    await ask('remember that the report is late', workspace);
    expect(await tier(workspace)).toBe('none');
    await warm(workspace);
    await ask('restart the server', workspace);
    expect(await tier(workspace)).toBe('local');
  });

  it('is gone when it was invalidated, by key or by prefix, and only in the workspace', async () => {
    const [mine, other] = [randomUUID(), randomUUID()];
    await warm(mine);
    await warm(other);
    const [key = ''] = await keysOf(mine);
    expect((await invalidate(other, { key })).body).toEqual({ invalidated: 0 });
    expect(await tier(mine)).toBe('local');
    expect((await invalidate(mine, { key })).body).toEqual({ invalidated: 1 });
    expect(await tier(mine)).toBe('none');
    expect((await invalidate(mine, { prefix: 'cache:exec:' })).body).toEqual({ invalidated: 1 });
    expect([await tier(mine), await tier(other)]).toEqual(['none', 'local']);
    for (const body of [{}, { key, prefix: key }, { key: '' }]) expect((await invalidate(mine, body)).status).toBe(422);
  });

  it('does not outlive a moment in which invalidations did not arrive', async () => {
    const workspace = randomUUID();
    await warm(workspace);
    await redis((connection) => connection.call('CLIENT', 'KILL', 'TYPE', 'pubsub'));
    // Told while nobody here listens: what is kept locally must not survive it.
    const [key = ''] = await keysOf(workspace);
    await redis((connection) => connection.del(key));
    await until(async () => (await tier(workspace)) !== 'local');
    await warm(workspace);
    expect(await keysOf(workspace)).toEqual([key]);
  });

  it('is dropped when anybody announces something nobody understands', async () => {
    const workspace = randomUUID();
    await warm(workspace);
    const [key = ''] = await keysOf(workspace);
    await redis((connection) => connection.del(key));
    expect(await tier(workspace)).toBe('local');
    await redis((connection) => connection.publish('cache:invalidate', 'nonsense'));
    await until(async () => (await tier(workspace)) === 'none');
  });
});

describe('without Redis', () => {
  it('answers come from the local tier, writes are remembered, and nothing stale is served when it is back', async () => {
    const workspace = randomUUID();
    await warm(workspace);
    await backing.redis.stop();
    await until(async () => {
      const { cache_tier: from, degraded } = await ask(QUESTION, workspace);
      return from === 'local' && Array.isArray(degraded) && degraded.includes('cache');
    });
    expect((await send(gateway, 'GET /api/v1/stats')).body['cache']).toMatchObject({ backend: 'local' });
    expect((await invalidate(workspace, { prefix: 'cache:' })).status).toBe(503);
    expect(await ask('remember that the report is late', workspace)).toMatchObject({ success: true, degraded: ['cache'] });
    await backing.redis.start();
    await until(async () => (await send(gateway, 'GET /health')).body['status'] === 'healthy');
    expect(await tier(workspace)).toBe('none');
    await warm(workspace);
    expect((await send(gateway, 'GET /api/v1/stats')).body['cache']).toMatchObject({ backend: 'redis+local' });
  });
});

describe('a Redis that takes no writes', () => {
  it('is told of a write as soon as it does, without anybody asking', async () => {
    const workspace = randomUUID();
    const memory = (bytes: string) => redis((connection) => connection.config('SET', 'maxmemory', bytes));
    await warm(workspace);
    await memory('1');
    expect(await ask('remember that the report is late', workspace)).toMatchObject({ success: true, degraded: ['cache'] });
    await memory('0');
    await until(async () => (await redis((connection) => connection.get(`cache:gen:${workspace}:memory_recall`))) === '1');
    expect(await tier(workspace)).toBe('none');
  });
});

it('lists the patterns', async () => {
  const { body } = await send(gateway, 'GET /api/v1/patterns');
  expect(body['items']).toContainEqual({ name: 'memory_write', type: 'memory', priority: 100, cache_ttl_s: 0 });
});
