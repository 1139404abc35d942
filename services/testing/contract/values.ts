import fc, { type Arbitrary } from 'fast-check';
import type { Json, Schema } from './document.ts';

export interface ValueOptions {
  readonly resolve: (schema: Schema) => Schema;
  /** Leave out what may be left out. */
  readonly bare?: boolean;
}

const SPARE_LETTERS = 16;
const SPARE_ITEMS = 2;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');

const FORMATS: Readonly<Record<string, () => Arbitrary<string>>> = {
  uuid: () => fc.uuid(),
  'date-time': () => fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') }).map((date) => date.toISOString()),
  uri: () => fc.webUrl(),
  email: () => fc.emailAddress(),
};

/** Values that a JSON schema allows: small ones, with plain text, and the schema's own examples more often than others. */
export function valuesOf(schema: Schema, options: ValueOptions): Arbitrary<unknown> {
  const found = options.resolve(schema);
  const examples = (found['examples'] ?? []) as readonly unknown[];
  return examples.length === 0 ? ofKind(found, options) : fc.oneof(fc.constantFrom(...examples), ofKind(found, options));
}

function ofKind(schema: Schema, options: ValueOptions): Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema['const']);
  if (Array.isArray(schema['enum'])) return fc.constantFrom(...(schema['enum'] as readonly unknown[]));
  const choices = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(choices)) return fc.oneof(...(choices as readonly Schema[]).map((choice) => valuesOf(choice, options)));
  if (Array.isArray(schema['allOf'])) return everyPart(schema['allOf'] as readonly Schema[], options);
  return ofType(schema, options);
}

function ofType(schema: Schema, options: ValueOptions): Arbitrary<unknown> {
  const { type } = schema;
  if (Array.isArray(type)) return fc.oneof(...(type as readonly string[]).map((each) => ofType({ ...schema, type: each }, options)));
  switch (type) {
    case 'string':
      return texts(schema);
    case 'integer':
    case 'number':
      return numbers(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return lists(schema, options);
    case 'object':
      return objects(schema, options);
    default:
      return fc.constantFrom<unknown>('text', 7, true, { key: 'value' }, ['item']);
  }
}

function everyPart(parts: readonly Schema[], options: ValueOptions): Arbitrary<unknown> {
  return fc
    .tuple(...parts.map((part) => valuesOf(part, options)))
    .map((values) => Object.assign({}, ...(values as readonly Json[])) as Json);
}

function texts(schema: Schema): Arbitrary<string> {
  const least = bound(schema, 'minLength') ?? 0;
  const most = bound(schema, 'maxLength') ?? Number.POSITIVE_INFINITY;
  const fits = (text: string): boolean => text.length >= least && text.length <= most;
  const format = FORMATS[String(schema['format'])];
  if (format !== undefined) return format().filter(fits);
  if (typeof schema['pattern'] === 'string') return fc.stringMatching(new RegExp(schema['pattern'], 'u')).filter(fits);
  return fc.string({ unit: fc.constantFrom(...LETTERS), minLength: least, maxLength: Math.min(most, least + SPARE_LETTERS) });
}

function numbers(schema: Schema): Arbitrary<number> {
  const least = bound(schema, 'minimum') ?? (bound(schema, 'exclusiveMinimum') ?? -1001) + 1;
  const most = bound(schema, 'maximum') ?? (bound(schema, 'exclusiveMaximum') ?? Math.max(least, 0) + 1001) - 1;
  if (schema['type'] === 'integer') return fc.integer({ min: Math.max(least, -(2 ** 53) + 1), max: Math.min(most, 2 ** 53 - 1) });
  return fc.double({ min: least, max: most, noNaN: true });
}

function lists(schema: Schema, options: ValueOptions): Arbitrary<readonly unknown[]> {
  const least = bound(schema, 'minItems') ?? 0;
  const most = Math.min(bound(schema, 'maxItems') ?? Number.POSITIVE_INFINITY, least + SPARE_ITEMS);
  const limits = { minLength: least, maxLength: options.bare === true ? Math.max(least, Math.min(most, 1)) : most };
  return fc.array(valuesOf((schema['items'] ?? {}) as Schema, options), limits);
}

function objects(schema: Schema, options: ValueOptions): Arbitrary<unknown> {
  const required = (schema['required'] ?? []) as readonly string[];
  const properties = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>);
  const wanted = options.bare === true ? properties.filter(([name]) => required.includes(name)) : properties;
  const known = fc.record(Object.fromEntries(wanted.map(([name, property]) => [name, valuesOf(property, options)])), {
    requiredKeys: [...required],
  });
  const more = schema['additionalProperties'];
  if (typeof more !== 'object' || more === null || options.bare === true) return known;
  const keys = texts((schema['propertyNames'] ?? { type: 'string', minLength: 1 }) as Schema);
  const extra = fc.dictionary(keys, valuesOf(more as Schema, options), { maxKeys: SPARE_ITEMS });
  return fc.tuple(extra, known).map(([extras, own]) => ({ ...extras, ...own }));
}

function bound(schema: Schema, name: string): number | undefined {
  return schema[name] as number | undefined;
}
