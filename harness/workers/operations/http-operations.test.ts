import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MissingBinding } from '../../target/index.ts';
import type { Bindings } from '../../model/target.ts';
import { template } from '../../target/testing/loopback.ts';
import { drive, later } from './testing/drive.ts';

/** A server that is written differently from ours, and remembers what it was asked. */
let app: Hono;
let server: ServerType;
let url: string;
const seen: { readonly path: string; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }[] = [];

function lastBody(): Readonly<Record<string, unknown>> {
  return (seen.at(-1)?.body ?? {}) as Readonly<Record<string, unknown>>;
}

beforeEach(async () => {
  seen.length = 0;
  app = new Hono();
  app.use(async (context, next) => {
    const text = await context.req.text();
    seen.push({
      path: new URL(context.req.url).pathname,
      headers: context.req.header(),
      body: text === '' ? null : (JSON.parse(text) as unknown),
    });
    await next();
  });
  server = serve({ fetch: (request) => app.fetch(request), hostname: '127.0.0.1', port: 0 });
  await new Promise<void>((resolve) => server.once('listening', () => resolve()));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  if ('closeAllConnections' in server) server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

const EXECUTE: Bindings = {
  execute: {
    http: template(
      'POST /run/${agent}',
      { query: '${text}', use_cache: '${cache}', note: 'by ${agent} "quoted"' },
      { 'X-Agent': '${agent}', 'X-Id': '${op}' },
    ),
    outcome: { ok: 'success == true', degraded: 'fallback' },
  },
};

describe('execute', () => {
  it('fills what changes per call, and judges as the client for single calls does', async () => {
    const answers = [
      () => Response.json({ success: true }),
      () => Response.json({ success: true, fallback: 'cache' }),
      () => Response.json({ success: false }),
      () => new Response('not JSON at all'),
      () => new Response('slow down', { status: 429 }),
      () => new Response('no', { status: 404 }),
      () => new Response('oops', { status: 500 }),
    ];
    let asked = 0;
    app.post('/run/:agent', () => answers[asked++]?.() ?? new Response(null, { status: 204 }));
    await using driven = drive(
      { operation: 'execute', options: { agent: 'user', pool: 'a "pool"', distinct: 2 } },
      { url, bindings: EXECUTE },
    );
    const outcomes = [];
    for (const _ of answers) outcomes.push((await driven.call(7)).outcome);
    expect(outcomes).toEqual(['ok', 'degraded', 'wrong', 'wrong', 'shed', 'rejected', 'unknown']);
    expect(seen[1]?.body).toEqual({ query: 'assess parcel a "pool" number 1', use_cache: true, note: 'by user-7 "quoted"' });
    expect([seen[0]?.path, seen[0]?.headers['x-agent'], seen[0]?.headers['content-type']]).toEqual([
      '/run/user-7',
      'user-7',
      'application/json',
    ]);
    expect(new Set(seen.map(({ headers }) => headers['x-id'])).size).toBe(answers.length);
  });

  it('does not run on a target that does not bind it, nor with a variable nobody gives', () => {
    expect(() => drive({ operation: 'execute' }, { url })).toThrow(MissingBinding);
    const bindings = { execute: { http: template('POST /run/${nobody}'), outcome: { ok: 'a' } } };
    expect(() => drive({ operation: 'execute' }, { url, bindings })).toThrow(/uses the variable "nobody"/);
  });

  it('makes every so many texts new, also when the load is repeated', async () => {
    app.post('/run/:agent', () => Response.json({ success: true }));
    for (let load = 0; load < 2; load += 1) {
      await using driven = drive({ operation: 'execute', options: { fresh: 2, distinct: 1 } }, { url, bindings: EXECUTE });
      for (let call = 0; call < 4; call += 1) await driven.call();
    }
    expect(new Set(seen.map(({ body }) => (body as { readonly query: string }).query)).size).toBe(5);
  });
});

describe('http', () => {
  it('sends any template and asks for its expression', async () => {
    app.get('/status', (context) => context.json({ state: context.req.header('x-want') }));
    const options = { path: '/status', service: 'api', headers: { 'X-Want': 'well' }, ok: 'state == well', name: 'status' };
    await using good = drive({ operation: 'http', options }, { url });
    await using bad = drive({ operation: 'http', options: { ...options, ok: 'state == better' } }, { url });
    expect([good.operation.name, (await good.call()).outcome, (await bad.call()).outcome]).toEqual(['status', 'ok', 'wrong']);
  });

  it('says what is missing or of the wrong type', () => {
    expect(() => drive({ operation: 'http', options: { path: '/x' } }, { url })).toThrow(/no `path` or no `service`/);
    expect(() => drive({ operation: 'http', options: { path: 3, service: 'api' } }, { url })).toThrow(/option "path" 3, expected a text/);
    expect(() => drive({ operation: 'htpp' }, { url })).toThrow(/no load operation "htpp"/);
  });
});

describe('operation', () => {
  const binding = {
    create: template('POST /ops', { kind: '${kind}' }),
    poll: template('GET /ops/${id}'),
    id: 'id',
    state: 'state',
    end: ['done', 'failed'],
    success: ['done'],
    kinds: ['good', 'bad', 'nameless'],
  };

  it('ends with the end state, whatever the polls before met', async () => {
    let polls = 0;
    app.post('/ops', (context) => {
      const kind = lastBody()['kind'];
      return context.json(kind === 'nameless' ? {} : { id: kind });
    });
    app.get('/ops/:id', (context) => {
      polls += 1;
      if (polls === 1) return context.text('try again', 503);
      if (polls === 2) return context.json({ state: 'running' });
      return context.json({ state: context.req.param('id') === 'good' ? 'done' : 'failed' });
    });
    await using driven = drive({ operation: 'operation', options: { pollEveryMs: 1 } }, { url, bindings: { operation: binding } });
    expect([(await driven.call()).outcome, (await driven.call()).outcome, (await driven.call()).outcome]).toEqual([
      'ok',
      'rejected',
      'wrong',
    ]);
  });

  it('stops polling when it is given up', async () => {
    const polled = later<void>();
    app.post('/ops', (context) => context.json({ id: 'x' }));
    app.get('/ops/:id', (context) => {
      polled.resolve();
      return context.json({ state: 'running' });
    });
    await using driven = drive({ operation: 'operation', options: { pollEveryMs: 60_000 } }, { url, bindings: { operation: binding } });
    expect(await driven.cut(0, polled.promise)).toBe('cut');
  });
});

describe('register.append', () => {
  const register = {
    create: { http: template('POST /keys', { name: '${name}' }), key: 'key' },
    append: template('POST /keys/${key}', { value: '${value}' }),
    read: { http: template('GET /keys/${key}'), items: 'items', value: 'value' },
  };

  it('appends to a key of the agent, made before the load', async () => {
    app.post('/keys', (context) => context.json({ key: `of ${String(lastBody()['name'])}` }));
    app.post('/keys/:key', (context) => context.body(null, 201));
    await using driven = drive({ operation: 'register.append', options: { agent: 'a' } }, { url, bindings: { register } });
    await driven.open(3);
    expect(driven.opening).toEqual({ opened: 3, failed: 0, of: 3 });
    expect((await driven.call(2)).outcome).toBe('ok');
    expect(seen.at(-1)?.path).toBe('/keys/of%20a-2');
    expect(seen).toHaveLength(4);
  });

  it('ends the calls of an agent without a key with what making it met', async () => {
    app.post('/keys', (context) => context.text('full', 503));
    await using driven = drive({ operation: 'register.append' }, { url, bindings: { register } });
    await driven.open(2);
    expect(driven.opening).toEqual({ opened: 0, failed: 2, of: 2 });
    expect([(await driven.call(0)).outcome, (await driven.call(1)).outcome]).toEqual(['shed', 'shed']);
  });
});

describe('stream', () => {
  it('adds over HTTP', async () => {
    app.post('/messages', (context) => context.body(null, 202));
    const stream = { add: template('POST /messages', { to: '${agent}', value: '${value}' }), processed: '', key: 'k:${agent}', group: 'g' };
    await using driven = drive({ operation: 'stream' }, { url, bindings: { stream } });
    expect((await driven.call(4)).outcome).toBe('ok');
    expect(seen[0]?.body).toEqual({ to: 'agent-4', value: '4.0' });
  });
});
