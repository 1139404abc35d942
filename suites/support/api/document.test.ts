import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from './document.ts';
import { brokenJson } from './junk.ts';
import { curlOf } from './request.ts';
import { createThings } from './things.ts';
import { createValues } from './values.ts';

const OK = { responses: { 200: { description: 'well' } } };
const document = (paths: unknown, more: Readonly<Record<string, unknown>> = {}) => readDocument({ openapi: '3.1.0', paths, ...more });

describe('a document', () => {
  it.each([
    [{ swagger: '2.0', paths: {} }, /the document is of OpenAPI "2.0"; Muster reads 3.0 and 3.1/],
    [{ hello: 'world' }, /no OpenAPI document/],
    ['text', /no OpenAPI document/],
    [{ openapi: '3.1.0', paths: {} }, /describes no operation/],
    [{ openapi: '3.1.0' }, /describes no operation/],
  ])('that cannot be read is said so: %j', (json, message) => {
    expect(() => readDocument(json)).toThrow(message);
  });

  it('may refer to whole paths, parameters, bodies and answers, and say of a parameter again', () => {
    const read = document(
      { '/a/{id}': { $ref: '#/components/pathItems/A' } },
      {
        components: {
          pathItems: {
            A: {
              parameters: [{ $ref: '#/components/parameters/Id' }, { name: 'n', in: 'query', schema: { type: 'string' } }],
              get: { ...OK, parameters: [{ name: 'n', in: 'query', required: true, schema: { type: 'integer' } }] },
            },
          },
          parameters: { Id: { name: 'id', in: 'path', required: true, schema: { type: 'integer' } } },
        },
      },
    );
    expect(read.operations[0]?.parameters).toEqual([
      { name: 'id', in: 'path', required: true, schema: { type: 'integer' } },
      { name: 'n', in: 'query', required: true, schema: { type: 'integer' } },
    ]);
  });

  it('whose references go round in circles is read to an end', () => {
    const read = document(
      { '/a': { post: { ...OK, requestBody: { $ref: '#/components/requestBodies/A' } } } },
      { components: { requestBodies: { A: { $ref: '#/components/requestBodies/A' } } } },
    );
    expect(read.operations[0]?.body).toBeNull();
  });
});

describe('values of a schema', () => {
  const sample = (schema: object, root: object = {}): readonly unknown[] =>
    fc.sample(createValues(root as never)(schema as never), { seed: 1, numRuns: 100 });

  it('end, also when the schema must hold itself', () => {
    const Node = { type: 'object', required: ['next'], properties: { next: { $ref: '#/Node' }, name: { type: 'string' } } };
    expect(sample({ $ref: '#/Node' }, { Node })).toHaveLength(100);
  });

  it('end, also when no value fits', () => {
    expect(sample({ type: 'string', format: 'uuid', maxLength: 3 }).every((text) => String(text).length <= 3)).toBe(true);
    expect(sample({ type: 'integer', minimum: 5, maximum: 1 })).toContain(5);
    expect(sample({ type: 'string', pattern: '(' })).toHaveLength(100);
  });

  it('keep to bounds and choices, and come to the bounds', () => {
    const numbers = sample({ type: 'integer', exclusiveMinimum: 0, maximum: 9 });
    expect(numbers).toEqual(expect.arrayContaining([1, 9]));
    expect(numbers.every((value) => Number(value) >= 1 && Number(value) <= 9)).toBe(true);
    expect(
      sample({ type: 'string', minLength: 2, maxLength: 4 }).every(
        (text) => Array.from(String(text)).length >= 2 && Array.from(String(text)).length <= 4,
      ),
    ).toBe(true);
  });

  it('have what every part of an allOf asks for', () => {
    const schema = {
      allOf: [
        { type: 'object', required: ['a'], properties: { a: { const: 1 } } },
        { required: ['b'], properties: { b: { const: 2 } } },
      ],
    };
    expect(sample(schema).every((value) => JSON.stringify(value) === '{"a":1,"b":2}')).toBe(true);
  });
});

describe('requests', () => {
  it('with broken JSON are never JSON', () => {
    const texts = fc.sample(brokenJson(fc.constant({ a: 1, b: [2] })), { seed: 3, numRuns: 300 });
    for (const text of texts) expect(() => JSON.parse(text) as unknown, text).toThrow(SyntaxError);
    expect(texts).not.toContain('');
  });

  it('name what an earlier answer told of', () => {
    const things = createThings();
    things.learn({ method: 'POST', path: '/api/agents' }, { id: 'a1', workspace_id: 'w1' });
    things.learn({ method: 'GET', path: '/api/keys' }, { id: 'not ours' });
    expect(things.forParameter('/api/agents/{id}/messages', 'id')).toEqual(['a1']);
    expect(things.forParameter('/api/tasks/{agent_id}', 'agent_id')).toEqual(['a1']);
    expect(things.forParameter('/api/keys/{id}', 'id')).toEqual([]);
  });

  it('are a line for a shell that says what it sends and hides what is secret', () => {
    const request = { method: 'POST', path: '/a?b=%00', headers: { 'x-key': 'secret', accept: '*/*' }, body: "it's\0\\n" };
    expect(curlOf('http://127.0.0.1:1/', request, ['X-Key'])).toBe(
      String.raw`curl -sS --path-as-is -X POST -H 'x-key: …' -H 'accept: */*' --data-binary $'it\'s\x00\\n' 'http://127.0.0.1:1/a?b=%00'`,
    );
  });
});
