import { afterEach, describe, expect, it } from 'vitest';
import { explore, type Explored } from './explore.ts';
import { isEndless } from './findings.ts';
import { asObject, asText } from './json.ts';
import { serve, type Asked, type Reply, type SmallApi } from './testing/small-server.ts';

const open: SmallApi[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

async function explored(
  document: unknown,
  answer: (asked: Asked) => Reply | null,
  requests = 200,
): Promise<Explored & Pick<SmallApi, 'seen'>> {
  const small = await serve(document, answer);
  open.push(small);
  const result = await explore(small.api, { seed: 7, requests, withinMs: 20_000, signal: new AbortController().signal });
  return { ...result, seen: small.seen };
}

const json = (schema: unknown) => ({ content: { 'application/json': { schema } } });

/** OpenAPI 3.0: a library whose shelves hold shelves, behind a path of its server. */
const LIBRARY = {
  openapi: '3.0.3',
  servers: [{ url: 'https://library.example/{stage}', variables: { stage: { default: 'v2' } } }],
  paths: {
    '/books': {
      post: {
        requestBody: json({ $ref: '#/components/schemas/NewBook' }),
        responses: { '201': json({ $ref: '#/components/schemas/Book' }), '4XX': { description: 'refused' } },
      },
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 0, exclusiveMinimum: true, maximum: 50 } }],
        responses: { '200': json({ type: 'array', items: { $ref: '#/components/schemas/Book' } }) },
      },
    },
    '/books/{isbn}': {
      parameters: [{ name: 'isbn', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9]{5}$' } }],
      get: { responses: { '200': json({ $ref: '#/components/schemas/Book' }), default: { description: 'refused' } } },
    },
  },
  components: {
    schemas: {
      NewBook: {
        type: 'object',
        required: ['title'],
        properties: { title: { type: 'string', maxLength: 40 }, subtitle: { type: 'string', nullable: true } },
      },
      Book: {
        allOf: [
          { $ref: '#/components/schemas/NewBook' },
          {
            type: 'object',
            required: ['isbn'],
            properties: { isbn: { type: 'string', readOnly: true }, shelf: { $ref: '#/components/schemas/Shelf' } },
          },
        ],
      },
      Shelf: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, shelves: { type: 'array', items: { $ref: '#/components/schemas/Shelf' } } },
      },
    },
  },
};

function library(changes: (asked: Asked) => Reply | null | undefined = () => undefined): (asked: Asked) => Reply | null {
  const book = { title: 'Emma', subtitle: null, isbn: '12345', shelf: { name: 'a', shelves: [{ name: 'b' }] } };
  return (asked) => {
    const changed = changes(asked);
    if (changed !== undefined) return changed;
    if (asked.path === '/v2/books' && asked.method === 'GET') return { status: 200, body: [book] };
    if (asked.path === '/v2/books/12345') return { status: 200, body: book };
    if (asked.path !== '/v2/books') return { status: 404 };
    return typeof asObject(asked.json)['title'] === 'string' ? { status: 201, body: book } : { status: 400 };
  };
}

describe('what is made of an OpenAPI 3.0 document', () => {
  it('finds nothing wrong with a server that does what it says, and names what it made', async () => {
    const result = await explored(LIBRARY, library());
    expect(result.findings).toEqual([]);
    expect(result.unasked).toEqual([]);
    expect(result.held).toBeGreaterThan(50);
    expect(result.requests).toBeLessThanOrEqual(200);
    expect(result.seen.some(({ path }) => path === '/v2/books/12345')).toBe(true);
    // A property that only answers hold is not sent.
    expect(result.seen.filter(({ method }) => method === 'POST').some(({ json: body }) => asObject(body)['title'] !== undefined)).toBe(
      true,
    );
  });

  it('finds the smallest request that ends in a 5xx', async () => {
    const long = (asked: Asked): boolean => asText(asObject(asked.json)['title']).length > 5;
    const { findings } = await explored(
      LIBRARY,
      library((asked) => (long(asked) ? { status: 500, body: { oops: true } } : undefined)),
    );
    expect(findings).toMatchObject([{ kind: 'broken', operation: 'POST /books', why: 'answered 500: {"oops":true}' }]);
    const title = /"title":"([^"]*)"/.exec(findings[0]?.curl ?? '')?.[1] ?? '';
    expect(Array.from(title)).toHaveLength(6);
    expect(findings[0]?.curl).toContain('/v2/books');
  });

  it('counts a hang-up as no answer', async () => {
    const { findings } = await explored(
      LIBRARY,
      library(({ query }) => (query.get('limit') === '50' ? null : undefined)),
      400,
    );
    expect(findings).toMatchObject([{ kind: 'broken', operation: 'GET /books' }]);
    expect(findings[0]?.why).toMatch(/^got no whole answer/);
  });

  it('says which property of which answer differs, also deep inside a schema that holds itself', async () => {
    const wrong = { title: 'Emma', isbn: '1', shelf: { name: 'a', shelves: [{ name: 7 }] } };
    const { findings } = await explored(
      LIBRARY,
      library(({ method, path }) => (method === 'GET' && path === '/v2/books' ? { status: 200, body: [wrong] } : undefined)),
    );
    expect(findings).toMatchObject([{ kind: 'wrong', operation: 'GET /books' }]);
    expect(findings[0]?.why).toContain('the answer/0/shelf/shelves/0/name must be string');
  });
});

/** OpenAPI 3.1: orders and what is wrong with describing them. */
const orders = (order: unknown, responses: Readonly<Record<string, unknown>> = {}) => ({
  openapi: '3.1.0',
  paths: { '/orders': { post: { requestBody: json(order), responses: { '200': json({ type: ['object', 'null'] }), ...responses } } } },
});

describe('what is made of an OpenAPI 3.1 document', () => {
  it('sends each alternative, with the examples that are given', async () => {
    const schema = {
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'card'],
          properties: { kind: { const: 'card' }, card: { type: 'string', examples: ['4111'] } },
        },
        {
          type: 'object',
          required: ['kind'],
          properties: { kind: { const: 'cash' }, coins: { type: 'array', items: { enum: [1, 2, 5] }, minItems: 1 } },
        },
      ],
    };
    const { findings, seen } = await explored(orders(schema), () => ({ status: 200, body: null }));
    const kinds = new Set(seen.map(({ json: body }) => asObject(body)['kind']));
    expect(findings).toEqual([]);
    expect([...kinds]).toEqual(expect.arrayContaining(['card', 'cash']));
    expect(seen.some(({ json: body }) => asObject(body)['card'] === '4111')).toBe(true);
  });

  it('is held against status, media type and schema of successes, and leaves undescribed refusals alone', async () => {
    const refusal = await explored(orders({}), () => ({ status: 418, body: { short: true } }));
    expect(refusal).toMatchObject({ findings: [], held: 0 });
    expect([...refusal.notes]).toEqual(['POST /orders 418']);
    const other = await explored(orders({}), () => ({ status: 201, body: {} }));
    expect(other.findings).toMatchObject([{ kind: 'wrong', why: 'answered 201, and 201 is no status that the document names' }]);
    const text = await explored(orders({}), () => ({ status: 200, body: 'done', type: 'text/plain' }));
    expect(text.findings[0]?.why).toBe('answered 200, and it is text/plain, not application/json');
    const half = await explored(orders({}), () => ({ status: 200, body: '{"a":' }));
    expect(half.findings[0]?.why).toContain('it says it is JSON and is not');
  });

  it('blames a reference that leads to nothing, and not a schema that cannot be read', async () => {
    const dangling = await explored(orders({}, { '200': json({ $ref: '#/components/schemas/Gone' }) }), () => ({ status: 200, body: {} }));
    expect(dangling.findings[0]?.why).toContain('#/components/schemas/Gone, where there is nothing');
    const odd = await explored(orders({}, { '200': json({ type: 'string', pattern: '(' }) }), () => ({
      status: 200,
      body: 'x',
      type: 'application/json',
    }));
    expect(odd.findings.filter(({ why }) => !why.includes('is JSON and is not'))).toEqual([]);
  });

  it('takes a refusal for the time being as none when the document names it, and as a failure when it does not', async () => {
    const named = await explored(orders({}, { '503': {} }), () => ({ status: 503 }));
    expect(named).toMatchObject({ findings: [], settled: 0 });
    const unnamed = await explored(orders({}), () => ({ status: 503 }));
    expect(unnamed.findings).toMatchObject([{ kind: 'broken' }]);
  });

  it('does not take a fault of our own for a request that showed nothing', async () => {
    const small = await serve(orders({}), () => ({ status: 200, body: null }));
    open.push(small);
    const broken = { ...small.api, send: () => Promise.reject(new Error('our own')) };
    const work = explore(broken, { seed: 7, requests: 20, withinMs: 20_000, signal: new AbortController().signal });
    await expect(work).rejects.toThrow('our own');
  });

  it('does not wait for the end of a stream of events', () => {
    const stream = { status: 200, error: 'timed out', headers: { 'content-type': 'text/event-stream' } };
    expect([isEndless(stream), isEndless({ ...stream, error: null }), isEndless({ ...stream, status: 500 })]).toEqual([true, false, false]);
  });

  it('finds the one mistake behind the other', async () => {
    const { findings } = await explored(orders({ type: 'object' }), ({ json: body }) =>
      body === undefined ? { status: 500 } : { status: 201, body: {} },
    );
    expect(findings.map(({ kind }) => kind).toSorted()).toEqual(['broken', 'wrong']);
  });
});
