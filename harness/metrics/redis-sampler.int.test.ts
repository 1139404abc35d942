import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ScratchStore, scratchStore } from '../environment/testing/scratch-stores.ts';
import { redisSampler, usageOf, type RedisSample } from './redis-sampler.ts';
import type { Sampler } from './sampling-loop.ts';

/** Waits until a sample taken from now on satisfies `enough`. */
async function sampled(sampler: Sampler<RedisSample>, enough: (sample: RedisSample) => boolean): Promise<RedisSample> {
  const from = sampler.samples.length;
  for (;;) {
    const found = sampler.samples.slice(from).find(enough);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('redisSampler', () => {
  let store: ScratchStore;
  const clients: Redis[] = [];

  beforeAll(async () => {
    store = await scratchStore('redis');
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
  });

  async function connect(connectionName: string): Promise<Redis> {
    const client = new Redis(store.url, { connectionName, lazyConnect: true, retryStrategy: () => null });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }

  it('counts the clients without our own, those that wait, and sees memory and misses grow', async () => {
    const gateway = await connect('gateway');
    const worker = await connect('worker');
    await connect('muster-witness');
    await using sampler = redisSampler({ url: store.url, intervalMs: 20 });
    const before = await sampled(sampler, ({ usage }) => usage?.clients === 2);
    const waiting = worker.blpop('nothing', 0).catch(() => null);
    await gateway.set('big', 'x'.repeat(4_000_000));
    await gateway.get('missing');
    const after = await sampled(sampler, ({ usage }) => usage?.blockedClients === 1 && usage.keyspaceMisses > 0);
    expect((after.usage?.usedMemoryBytes ?? 0) - (before.usage?.usedMemoryBytes ?? 0)).toBeGreaterThan(3_900_000);
    expect(after.usage).toMatchObject({ clients: 2, evictedKeys: 0, rejectedConnections: 0 });
    expect(after.usage?.commands).toBeGreaterThan(before.usage?.commands ?? Number.NaN);
    await gateway.lpush('nothing', '1');
    await waiting;
  });

  it('has gaps while the server is away and comes back by itself', async () => {
    await using sampler = redisSampler({ url: store.url, intervalMs: 20 });
    await sampled(sampler, ({ usage }) => usage !== null);
    await store.environment.stop('redis', 'kill');
    const gap = await sampled(sampler, ({ usage }) => usage === null);
    expect(gap.error).not.toBe('');
    await store.environment.start('redis');
    expect((await sampled(sampler, ({ usage }) => usage !== null)).error).toBeNull();
  });
});

describe('usageOf', () => {
  it('knows a limit, and that 0 is none', () => {
    expect(usageOf('# Memory\r\nused_memory:100\r\nmaxmemory:0\r\n', '').maxMemoryBytes).toBeNull();
    expect(usageOf('maxmemory:1048576\r\n', 'id=1 name=gateway flags=N\nid=2 name=muster flags=N\n')).toMatchObject({
      maxMemoryBytes: 1_048_576,
      clients: 1,
    });
  });
});
