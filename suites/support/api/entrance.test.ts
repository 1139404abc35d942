import { afterEach, describe, expect, it } from 'vitest';
import { tryEntrance } from './entrance.ts';
import { tryMethods } from './methods.ts';
import { tryRefused } from './refused.ts';
import { serve, type Asked, type Reply, type SmallApi } from './testing/small-server.ts';

const open: SmallApi[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

const HOW = { seed: 1, signal: new AbortController().signal };
const KEY = { 'X-Key': 'letmein-42' };
const ok = { responses: { '200': { description: 'well' } } };
const DOCUMENT = {
  openapi: '3.1.0',
  security: [{ key: [] }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-Key' } } },
  paths: {
    '/open': { get: { ...ok, security: [] } },
    '/either': { get: { ...ok, security: [{ key: [] }, {}] } },
    '/closed': { get: ok, post: ok },
    '/things/{id}': { get: { ...ok, parameters: [{ name: 'id', in: 'path', schema: { type: 'integer' } }] } },
    '/things/all': { delete: ok },
  },
};

async function started(answer: (asked: Asked) => Reply, credentials: Readonly<Record<string, string>> = KEY): Promise<SmallApi> {
  const small = await serve(DOCUMENT, answer, credentials);
  open.push(small);
  return small;
}

const guarded =
  (change: (asked: Asked) => Reply | undefined = () => undefined) =>
  (asked: Asked): Reply =>
    change(asked) ?? (asked.headers['x-key'] === KEY['X-Key'] ? { status: 200, body: {} } : { status: 401 });

describe('operations that declare security', () => {
  it('are asked without credentials and with wrong ones, the open ones not at all', async () => {
    const { api, seen } = await started(guarded());
    expect(await tryEntrance(api, HOW)).toEqual({ decided: 8, letIn: [], undecided: [] });
    expect(new Set(seen.map(({ path }) => path.replace(/-?\d+/, '1')))).toEqual(new Set(['/closed', '/things/1', '/things/all']));
    expect(seen.some((asked) => asked.headers['x-key'] === KEY['X-Key'])).toBe(false);
  });

  it('are named when they let somebody in: who brings no key, or any', async () => {
    const none = await started(
      guarded(({ method, path }) => (method === 'POST' && path === '/closed' ? { status: 200, body: {} } : undefined)),
    );
    const { letIn } = await tryEntrance(none.api, HOW);
    expect(letIn).toHaveLength(2);
    expect(letIn[0]).toMatch(/^POST \/closed without credentials was answered with 200\. curl .*-X POST/);
    const any = await started(guarded(({ headers }) => (headers['x-key'] === undefined ? undefined : { status: 200, body: {} })));
    const found = await tryEntrance(any.api, HOW);
    expect(found.letIn).toHaveLength(4);
    expect(found.letIn.every((told) => told.includes('with credentials that nobody gave out') && !told.includes('letmein'))).toBe(true);
  });

  it('may hide what there is; what says nothing of who asks is not taken for a refusal', async () => {
    const hiding = await started(({ headers }) => ({ status: headers['x-key'] === KEY['X-Key'] ? 200 : 404 }));
    expect(await tryEntrance(hiding.api, HOW)).toMatchObject({ decided: 8, letIn: [], undecided: [] });
    const busy = await started(guarded(({ path }) => (path === '/closed' ? { status: 422 } : undefined)));
    const { undecided } = await tryEntrance(busy.api, HOW);
    expect(undecided).toHaveLength(4);
    expect(undecided[0]).toBe('GET /closed without credentials was answered with 422');
  });

  it('are asked with credentials of the declared kind when none are bound', async () => {
    const { api, seen } = await started(guarded(), {});
    expect(await tryEntrance(api, HOW)).toMatchObject({ decided: 8, letIn: [] });
    expect(seen.filter(({ headers }) => headers['x-key'] !== undefined)).toHaveLength(4);
  });
});

describe('methods that a document does not name', () => {
  it('are tried unless another path takes them, and counted when they are taken', async () => {
    const refusing = await started(({ method, path }) => ({
      status: method === 'GET' || (method === 'POST' && path === '/closed') ? 200 : 405,
    }));
    const tried = await tryMethods(refusing.api, { ...HOW, most: 100 });
    expect(tried).toMatchObject({ wrong: [], unclear: [] });
    // Four of each path but /closed (three); GET of /things/all is what `/things/{id}` takes.
    expect(tried.answered).toBe(4 + 4 + 3 + 4 + 3);
    const lax = await started(({ method }) => ({ status: method === 'PUT' ? 200 : method === 'PATCH' ? 422 : 405 }));
    const { wrong, unclear } = await tryMethods(lax.api, { ...HOW, most: 100 });
    expect(wrong).toHaveLength(5);
    expect(wrong[0]).toMatch(/^PUT \/open is not in the document and was answered with 200: /);
    expect(unclear).toHaveLength(5);
  });

  it('are not tried where the document names them and nobody may ask, and say nothing where nothing is found', async () => {
    const { api } = await started(() => ({ status: 404 }));
    const left = { ...api.document, operations: api.document.operations.filter(({ name }) => name !== 'DELETE /things/all') };
    const leftOut = api.document.operations.filter(({ name }) => name === 'DELETE /things/all');
    const closed = await started(({ method, path }) => ({ status: method === 'DELETE' && path === '/things/all' ? 200 : 404 }));
    const { wrong, unclear } = await tryMethods({ ...closed.api, document: { ...left, leftOut } }, { ...HOW, most: 100 });
    expect(wrong).toEqual([]);
    expect(closed.seen.some(({ method, path }) => method === 'DELETE' && path === '/things/all')).toBe(false);
    expect(unclear).toContain('PUT /things/{id} was answered with 404, as every method would be where nothing is');
  });
});

const NOTES = {
  openapi: '3.1.0',
  paths: {
    '/notes': {
      post: {
        ...ok,
        requestBody: {
          content: { 'application/json': { schema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } } } },
        },
      },
      get: ok,
    },
  },
};

describe('what was refused', () => {
  const notes = (isKept: boolean, moving: () => number = () => 0) => {
    let kept = 0;
    return ({ method, json }: Asked): Reply => {
      if (method === 'GET') return { status: 200, body: { kept, moved: moving() } };
      const isRight = typeof (json as { readonly text?: unknown } | undefined)?.text === 'string';
      if (isRight || isKept) kept += 1;
      return { status: isRight ? 201 : 422, body: {} };
    };
  };
  const how = { ...HOW, tries: 20 };

  it('is compared by what is read before and after it', async () => {
    const right = await serve(NOTES, notes(false));
    open.push(right);
    const tried = await tryRefused(right.api, how);
    expect(tried.changed).toEqual([]);
    expect(tried.compared).toBeGreaterThan(3);
    const wrong = await serve(NOTES, notes(true));
    open.push(wrong);
    const { changed } = await tryRefused(wrong.api, how);
    expect(changed).toHaveLength(1);
    expect(changed[0]).toMatch(/^POST \/notes was refused with 422, and \/notes then read \{"kept":\d+,"moved":0\} instead of .*curl /);
  });

  it('is not blamed for what moves by itself', async () => {
    let moved = 0;
    const restless = await serve(
      NOTES,
      notes(true, () => (moved += 1)),
    );
    open.push(restless);
    expect(await tryRefused(restless.api, how)).toEqual({ compared: 0, changed: [] });
  });
});
