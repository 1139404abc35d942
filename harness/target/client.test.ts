import { afterEach, describe, expect, it } from 'vitest';
import type { Bindings } from '../model/target.ts';
import { createTargetClient, type TargetClient } from './client.ts';
import { MissingBinding } from './missing-binding.ts';
import { json, type Loopback, type LoopbackHandlers, startLoopback, targetWith, template } from './testing/loopback.ts';

const open: AsyncDisposable[] = [];

afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

async function pair(
  bindings: Bindings,
  http: LoopbackHandlers['http'] = () => undefined,
): Promise<{ readonly server: Loopback; readonly client: TargetClient }> {
  const server = await startLoopback({ http });
  const client = createTargetClient({ target: targetWith(bindings), urls: { api: server.url }, timeoutMs: 5000 });
  open.push(server, client);
  return { server, client };
}

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
    open.push(clientAt('https://staging.example.com', ['*.example.com']));
    expect(open).toHaveLength(1);
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

const operation: Bindings = {
  operation: {
    create: template('POST /operations', { kind: '${kind}' }),
    poll: template('GET /operations/${id}'),
    id: 'operation_id',
    state: 'status',
    end: ['completed', 'failed'],
    success: ['completed'],
    kinds: ['report'],
  },
};

/** An operation that goes through `states`, one per poll, and stays in the last. A null is an answer of 500. */
function goingThrough(states: readonly (string | null)[]): LoopbackHandlers['http'] {
  let polls = 0;
  return ({ method }, response) => {
    if (method === 'POST') {
      json(response, 202, { operation_id: 'op-1' });
      return;
    }
    const status = states[Math.min(polls, states.length - 1)] ?? null;
    polls += 1;
    json(response, status === null ? 500 : 200, { status });
  };
}

describe('operation.runToEnd', () => {
  it.each([
    ['ok', ['planning', 'executing', 'completed']],
    ['ok', ['planning', null, 'completed']],
    ['rejected', ['failed']],
  ])('is %s after %j', async (outcome, states) => {
    const { client } = await pair(operation, goingThrough(states));
    const end = await client.operation.runToEnd({ kind: 'report' }, { withinMs: 5000, pollEveryMs: 1 });
    expect(end).toMatchObject({ outcome, id: 'op-1', state: states.at(-1), ended: true, polls: states.length });
  });

  it('is unknown with the last state seen when no end state comes in time', async () => {
    const { client } = await pair(operation, goingThrough(['executing']));
    const end = await client.operation.runToEnd({ kind: 'report' }, { withinMs: 100, pollEveryMs: 10 });
    expect(end).toMatchObject({ outcome: 'unknown', state: 'executing', ended: false });
    expect(end.polls).toBeGreaterThan(1);
  });

  it('does not poll what was refused or has no id', async () => {
    const refused = await pair(operation, (_, response) => json(response, 422, {}));
    expect(await refused.client.operation.runToEnd({ kind: 'x' }, { withinMs: 1000 })).toMatchObject({
      outcome: 'rejected',
      id: null,
      polls: 0,
    });
    const nameless = await pair(operation, (_, response) => json(response, 202, {}));
    expect(await nameless.client.operation.runToEnd({ kind: 'x' }, { withinMs: 1000 })).toMatchObject({
      outcome: 'wrong',
      id: null,
      polls: 0,
    });
  });

  it('ends when it is cancelled', async () => {
    const stop = new AbortController();
    const answers = goingThrough(['executing']);
    const { client } = await pair(operation, (request, response) => {
      answers?.(request, response);
      if (request.method === 'GET') stop.abort();
    });
    expect(await client.operation.runToEnd({ kind: 'x' }, { withinMs: 60_000, signal: stop.signal })).toMatchObject({
      ended: false,
      outcome: 'unknown',
    });
  });
});

describe('register', () => {
  const register: Bindings = {
    register: {
      append: template('POST /r/${key}', { value: '${value}' }),
      read: { http: template('GET /r/${key}'), items: 'items', value: 'payload.value' },
    },
  };

  it('appends and reads values in order', async () => {
    const stored: unknown[] = [];
    const { client } = await pair(register, (request, response) => {
      if (request.method === 'POST') stored.push({ payload: JSON.parse(request.body) as unknown });
      json(response, 200, { items: stored });
    });
    const { key } = await client.register.createKey();
    for (const value of ['b', 'a']) expect((await client.register.append({ key: key ?? '', value })).outcome).toBe('ok');
    expect(await client.register.read({ key: key ?? '' })).toMatchObject({ outcome: 'ok', values: ['b', 'a'] });
  });

  it.each([{}, { items: {} }, { items: [{ payload: {} }] }, { items: [null] }])('finds %j wrong', async (body) => {
    const { client } = await pair(register, (_, response) => json(response, 200, body));
    expect(await client.register.read({ key: 'k' })).toMatchObject({ outcome: 'wrong', values: null });
  });

  it('an empty list is an answer', async () => {
    const { client } = await pair(register, (_, response) => json(response, 200, { items: [] }));
    expect(await client.register.read({ key: 'k' })).toMatchObject({ outcome: 'ok', values: [] });
  });

  it('takes keys from the target where it makes them', async () => {
    const making: Bindings = {
      register: { ...(register.register as NonNullable<Bindings['register']>), create: { http: template('POST /keys'), key: 'id' } },
    };
    const { client } = await pair(making, (_, response) => json(response, 201, { id: 42 }));
    expect(await client.register.createKey()).toMatchObject({ outcome: 'ok', key: '42' });
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

describe('transitions, meter, health, stream', () => {
  const bindings: Bindings = {
    transitions: {
      create: { http: template('POST /agents', { name: '${name}' }), id: 'id' },
      read: { http: template('GET /agents/${id}'), state: 'status' },
      move: template('PATCH /agents/${id}', { status: '${to}' }),
      refused: [409],
      table: {},
    },
    meter: { http: template('GET /usage/${id}'), tokens: 'total', prompt: 'sent' },
    health: { http: template('GET /health'), healthy: 'status == healthy' },
    stream: { add: template('POST /stream', { value: '${value}' }), processed: 'select 1', key: 'k', group: 'g' },
  };

  it('tell accepted from refused from failed', async () => {
    const { client } = await pair(bindings, ({ body }, response) => {
      const status = { '{"status":"active"}': 200, '{"status":"done"}': 409 }[body] ?? 500;
      json(response, status, {});
    });
    expect(await client.transitions.move({ id: '1', to: 'active' })).toMatchObject({ accepted: true, refused: false, outcome: 'ok' });
    expect(await client.transitions.move({ id: '1', to: 'done' })).toMatchObject({ accepted: false, refused: true, outcome: 'rejected' });
    expect(await client.transitions.move({ id: '1', to: 'crash' })).toMatchObject({ accepted: false, refused: false, outcome: 'unknown' });
  });

  it('read what is there', async () => {
    const { client, server } = await pair(bindings, ({ url }, response) => {
      if (url === '/health') json(response, 200, { status: 'degraded' });
      else if (url.startsWith('/usage')) json(response, 200, { total: 99, sent: 60, said: 39 });
      else json(response, 200, { id: 'a1', status: 'idle' });
    });
    expect(await client.transitions.create({ name: 'n' })).toMatchObject({ id: 'a1', outcome: 'ok' });
    expect(await client.transitions.read({ id: 'a1' })).toMatchObject({ state: 'idle', outcome: 'ok' });
    expect(await client.meter.read('op 1')).toMatchObject({ tokens: 99, prompt: 60, completion: null });
    expect((await client.health.read()).healthy).toBe(false);
    expect((await client.stream.add({ value: 'v' })).outcome).toBe('ok');
    expect(server.seen.map(({ url }) => url)).toEqual(['/agents', '/agents/a1', '/usage/op%201', '/health', '/stream']);
  });

  it('read nothing into failures', async () => {
    const { client } = await pair(bindings, (_, response) => json(response, 500, { total: 5, status: 'healthy', id: 'x' }));
    expect((await client.meter.read('1')).tokens).toBeNull();
    expect((await client.health.read()).healthy).toBe(false);
    expect(await client.transitions.create({ name: 'n' })).toMatchObject({ id: null, outcome: 'unknown' });
    expect(await client.transitions.read({ id: '1' })).toMatchObject({ state: null, outcome: 'unknown' });
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
