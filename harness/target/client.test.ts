import { afterEach, describe, expect, it } from 'vitest';
import type { Bindings } from '../model/target.ts';
import { createTargetClient } from './client.ts';
import { MissingBinding } from './missing-binding.ts';
import { json, targetWith, template } from './testing/loopback.ts';
import { closedLater, endPairs, pair } from './testing/pair.ts';

afterEach(endPairs);

const execute: Bindings = {
  execute: {
    http: template('POST /execute', { query: '${text}', cache: '${cache}', op: '${op}' }, { 'x-workspace-id': '${workspace}' }),
    outcome: {
      ok: 'success == true',
      degraded: 'degraded.length > 0',
      tokens: 'usage.tokens',
      baseline: 'usage.baseline',
      cacheHit: 'cache_hit',
      id: 'id',
      echo: 'result',
    },
  },
};

describe('hosts', () => {
  const clientAt = (url: string, allowedHosts: readonly string[]) =>
    createTargetClient({ target: targetWith({}), urls: { api: url, db: 'postgres://127.0.0.1/app' }, timeoutMs: 100, allowedHosts });

  it('that nobody allowed are refused before anything is sent', () => {
    expect(() => clientAt('https://staging.example.com', [])).toThrow('Nothing may be sent to staging.example.com');
  });

  it('that are allowed are not', () => {
    expect(closedLater(clientAt('https://staging.example.com', ['*.example.com'])).has('execute')).toBe(false);
  });
});

describe('execute', () => {
  it('reads what the binding names', async () => {
    const { client } = await pair(execute, (request, response) => {
      const { query } = JSON.parse(request.body) as { query: string };
      json(response, 200, {
        success: true,
        degraded: [],
        usage: { tokens: 12, baseline: 40 },
        cache_hit: false,
        id: 7,
        result: { text: `>> ${query}` },
      });
    });
    expect(await client.execute({ text: 'hello' })).toMatchObject({
      outcome: 'ok',
      degraded: false,
      tokens: 12,
      baseline: 40,
      cacheHit: false,
      id: '7',
      echoed: true,
    });
  });

  it.each([
    ['ok', 200, { success: true }],
    ['degraded', 200, { success: true, degraded: ['cache'] }],
    ['wrong', 200, { success: false }],
    ['wrong', 200, { success: false, degraded: ['cache'] }],
    ['wrong', 200, { success: 'true' }],
    ['wrong', 200, 'success'],
    ['rejected', 422, { success: true }],
    ['shed', 503, { success: true }],
    ['unknown', 500, { success: true }],
  ])('is %s for %i %j', async (outcome, status, body) => {
    const { client } = await pair(execute, (_, response) => json(response, status, body));
    expect((await client.execute({ text: 'x' })).outcome).toBe(outcome);
  });

  it('says that a wrong answer was a degraded one, too', async () => {
    const { client } = await pair(execute, (_, response) => json(response, 200, { success: false, degraded: ['cache'] }));
    expect(await client.execute({ text: 'x' })).toMatchObject({ outcome: 'wrong', degraded: true });
  });

  it('notices an answer to somebody else, and takes numbers in text for no numbers', async () => {
    const { client } = await pair(execute, (_, response) =>
      json(response, 200, { success: true, usage: { tokens: '12' }, result: 'other' }),
    );
    expect(await client.execute({ text: 'mine' })).toMatchObject({ echoed: false, tokens: null, cacheHit: null, id: null });
  });

  it('gives each call an id of its own and keeps one workspace', async () => {
    const { server, client } = await pair(execute, (_, response) => json(response, 200, { success: true }));
    await client.execute({ text: 'a' });
    await client.execute({ text: 'b' });
    const bodies = server.seen.map(({ body }) => JSON.parse(body) as { op: string; cache: boolean });
    expect(new Set(bodies.map(({ op }) => op)).size).toBe(2);
    expect(bodies[0]?.cache).toBe(true);
    expect(new Set(server.seen.map(({ headers }) => headers['x-workspace-id'])).size).toBe(1);
  });
});

describe('work of one kind', () => {
  const economy: Bindings = {
    ...execute,
    economy: { baseline: template('POST /full', { query: '${text}', plain: true }), type: 'kind', repeats: 2 },
  };
  const sample = { texts: ['about ${item}'], body: { depth: 3, about: '${item}' } };

  it('adds its fields to the request and to the baseline, and reads both by the outcome of execute', async () => {
    const { client, server } = await pair(economy, (_, response) =>
      json(response, 200, { success: true, kind: 'memory', usage: { tokens: 5 } }),
    );
    const work = client.work(sample);
    const given = { text: 'about x', item: 'x', op: 'o', cache: false };
    expect(await work.served(given)).toMatchObject({ outcome: 'ok', tokens: 5, type: 'memory' });
    expect(await work.baseline(given)).toMatchObject({ outcome: 'ok', tokens: 5 });
    expect(server.seen.map(({ url, body }) => [url, JSON.parse(body) as unknown])).toEqual([
      ['/execute', { query: 'about x', cache: false, op: 'o', depth: 3, about: 'x' }],
      ['/full', { query: 'about x', plain: true, depth: 3, about: 'x' }],
    ]);
  });

  it('is that of execute as it is without a sample, and has no baseline where none is bound', async () => {
    const { client, server } = await pair(execute, (_, response) => json(response, 200, { success: true }));
    expect(await client.work(null).served({ text: 'x', op: 'o' })).toMatchObject({ outcome: 'ok', type: null });
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ query: 'x', cache: true, op: 'o' });
    await expect(client.work(null).baseline({ text: 'x' })).rejects.toThrow('no binding `economy`');
  });
});

describe('what is not bound', () => {
  it('is a rejection that names the binding, for every action', async () => {
    const { client } = await pair({});
    const calls = {
      execute: () => client.execute({ text: 'x' }),
      operation: () => client.operation.runToEnd({}, { withinMs: 1 }),
      register: () => client.register.read({ key: 'k' }),
      transitions: () => client.transitions.move({ id: '1', to: 'x' }),
      events: () => client.openEvents({ key: 'k' }),
      mcp: () => client.openMcp(),
      meter: () => client.meter.read('1'),
      stream: () => client.stream.add({ value: 'v' }),
      health: () => client.health.read(),
      economy: async () => client.requireBinding('economy'),
      cache: async () => client.requireBinding('cache'),
      classes: () => client.classes.ask('simple'),
      pool: async () => client.requireBinding('pool'),
    } satisfies Partial<Record<keyof Bindings, () => Promise<unknown>>>;
    for (const [name, call] of Object.entries(calls)) {
      const error: unknown = await call().catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(MissingBinding);
      expect(error).toMatchObject({ message: `no binding \`${name}\``, binding: name });
      expect(client.has(name as keyof Bindings)).toBe(false);
    }
  });
});
