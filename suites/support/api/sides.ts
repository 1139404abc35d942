import { asList, asObject, type Json } from './json.ts';

export type Side = 'request' | 'answer';

/** Data, not schemas: nothing in it is a keyword. */
const DATA = new Set(['example', 'examples', 'default', 'enum', 'const']);
const FORBIDDEN = { request: 'readOnly', answer: 'writeOnly' } as const;

/**
 * The document as JSON Schema 2020-12 reads it, for one side: `nullable` and bounds that are flags (3.0) in the words of 3.1, and without
 * the properties that only the other side holds.
 */
export function forSide(root: Json, side: Side): Json {
  return asObject(walk(root, side));
}

function walk(node: unknown, side: Side): unknown {
  if (Array.isArray(node)) return node.map((child) => walk(child, side));
  if (typeof node !== 'object' || node === null) return node;
  const walked = Object.fromEntries(
    Object.entries(node).map(([key, child]: [string, unknown]) => [key, DATA.has(key) && !isNamed(child) ? child : walk(child, side)]),
  );
  return nullable(bounded(ofSide(walked, side)));
}

/** A property that happens to be called `default` or `example` is a schema all the same. */
function isNamed(child: unknown): boolean {
  const { type, $ref: reference } = asObject(child);
  return typeof type === 'string' || typeof reference === 'string';
}

function ofSide(schema: Json, side: Side): Json {
  const properties = Object.entries(asObject(schema['properties']));
  const other = properties.filter(([, property]) => asObject(property)[FORBIDDEN[side]] === true).map(([name]) => name);
  if (other.length === 0) return schema;
  return {
    ...schema,
    properties: Object.fromEntries(properties.filter(([name]) => !other.includes(name))),
    required: asList(schema['required']).filter((name) => !other.includes(String(name))),
    // What is read only may come back all the same, and be ignored; here it only must not be asked for.
    ...(schema['additionalProperties'] === false ? { additionalProperties: {} } : {}),
  };
}

function bounded(schema: Json): Json {
  const { exclusiveMinimum: above, exclusiveMaximum: below, ...rest } = schema;
  if (typeof above !== 'boolean' && typeof below !== 'boolean') return schema;
  const { minimum, maximum, ...free } = rest;
  return {
    ...free,
    ...bound(['minimum', 'exclusiveMinimum'], minimum, above),
    ...bound(['maximum', 'exclusiveMaximum'], maximum, below),
  };
}

function bound([inclusive, exclusive]: readonly [string, string], limit: unknown, flag: unknown): Json {
  if (limit === undefined) return typeof flag === 'number' ? { [exclusive]: flag } : {};
  return { [flag === true ? exclusive : inclusive]: limit };
}

function nullable(schema: Json): Json {
  if (schema['nullable'] !== true) return schema;
  const { nullable: _, ...rest } = schema;
  return { anyOf: [rest, { type: 'null' }] };
}
