import { afterEach, describe, expect, it } from 'vitest';
import type { Bindings } from '../model/target.ts';
import { json, type LoopbackHandlers, template } from './testing/loopback.ts';
import { endPairs, pair } from './testing/pair.ts';

afterEach(endPairs);

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
    const end = await client.operation.runToEnd({ kind: 'report' }, { withinMs: 500, pollEveryMs: 10 });
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
