import { nameOf, successesOf, type ApiDocument, type Json } from './document.ts';

/** What a document leaves unsaid although a client needs it. */
export function unsaid(document: ApiDocument): readonly string[] {
  const ids = document.operations.map(({ id }) => id);
  return [
    ...ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `two operations have the id ${id}`),
    ...document.operations.flatMap((operation) => {
      const statuses = [...operation.answers.keys()];
      return [
        ...(operation.summary === '' ? [`${nameOf(operation)} has no summary`] : []),
        ...(successesOf(operation).length === 0 ? [`${nameOf(operation)} has no success`] : []),
        ...(statuses.some((status) => status >= 400) ? [] : [`${nameOf(operation)} has no error`]),
      ];
    }),
    ...emptySchemas(document.json, ''),
  ];
}

const HOLDS_SCHEMAS = new Set(['properties', 'schemas', 'patternProperties']);
const IS_SCHEMA = new Set(['schema', 'contains', 'not']);
const ARE_SCHEMAS = new Set(['anyOf', 'oneOf', 'allOf', 'prefixItems']);

/** Schemas that allow anything without a description that says so. `items: {}` and `additionalProperties: {}` say it by themselves. */
function emptySchemas(node: unknown, where: string): readonly string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node as Json).flatMap(([key, child]) => {
    const path = `${where}/${key}`;
    const empty = schemasUnder(key, child).filter(([, schema]) => Object.keys(schema as Json).length === 0);
    return [
      ...empty.map(([name]) => `${path}${name} is an empty schema: describe it if anything is allowed there`),
      ...emptySchemas(child, path),
    ];
  });
}

function schemasUnder(key: string, child: unknown): readonly (readonly [string, unknown])[] {
  if (IS_SCHEMA.has(key)) return [['', child]];
  if (ARE_SCHEMAS.has(key) && Array.isArray(child)) return child.map((schema: unknown, index) => [`/${index}`, schema] as const);
  if (HOLDS_SCHEMAS.has(key) && typeof child === 'object' && child !== null)
    return Object.entries(child).map(([name, schema]) => [`/${name}`, schema]);
  return [];
}
