import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { openApiDocument } from '../../shared/openapi.ts';
import { endpoint, json } from '../../shared/endpoint.ts';
import { readDocument, type ApiDocument, type Schema } from './document.ts';
import { createValidator } from './validator.ts';
import { valuesOf } from './values.ts';
import { violationsOf } from './violations.ts';

const step = z.strictObject({ id: z.string().regex(/^[a-z]{2,8}$/), after: z.array(z.string().min(1).max(8)).min(1).max(3) });
const body = z.strictObject({
  name: z.string().min(2).max(10),
  at: z.iso.datetime(),
  owner: z.guid().nullable(),
  weight: z.number().min(0).max(1),
  priority: z.int().min(1).max(10).optional(),
  mode: z.enum(['fast', 'slow']),
  steps: z.array(step).min(1).max(4),
  labels: z.record(z.string().max(4), z.string()),
  target: z.union([z.strictObject({ key: z.string().min(1) }), z.strictObject({ prefix: z.string().min(1) })]),
  anything: z.unknown(),
});

const { document, schema } = documentOf(body);
const validator = createValidator(document);

it('makes values that the schema allows, also bare ones', () => {
  for (const bare of [true, false]) {
    fc.assert(
      fc.property(valuesOf(schema, { resolve: document.resolve, bare }), (value) => {
        expect(validator.problem(schema, value)).toBeNull();
      }),
      { seed: 1, numRuns: 200 },
    );
  }
});

it('breaks every rule of the schema, one at a time', () => {
  const [valid] = fc.sample(valuesOf(schema, { resolve: document.resolve }), { seed: 1, numRuns: 1 });
  const violations = violationsOf(schema, valid, document.resolve);
  const broken = violations.filter(({ value }) => validator.problem(schema, value) !== null).map(({ what }) => what);
  expect(broken).toEqual(
    expect.arrayContaining([
      'the body: a array',
      'name: left out',
      'name: minLength 2',
      'name: maxLength 10',
      'name: a number',
      'at: pattern',
      'owner: pattern',
      'weight: minimum 0',
      'weight: maximum 1',
      'priority: a number',
      'priority: maximum 10',
      'mode: not one of the choices',
      'steps: minItems 1',
      'steps: maxItems 4',
      'steps[0].id: pattern',
      'steps[0].after: maxItems 3',
      'unexpected: surplus',
    ]),
  );
});

function documentOf(input: z.ZodType): { readonly document: ApiDocument; readonly schema: Schema } {
  const row = endpoint({
    method: 'post',
    path: '/things',
    summary: 'Make a thing',
    tag: 'things',
    body: input,
    answers: { 201: z.object({}) },
    handle: () => json(201, {}),
  });
  const found = readDocument(openApiDocument([row], { title: 'Things', version: '1', description: 'Things', authenticated: false }));
  const [operation] = found.operations;
  if (operation?.body === null || operation === undefined) throw new Error('the document has no body');
  return { document: found, schema: operation.body };
}
