import { z } from 'zod';
import { COMMON_ERRORS, type Endpoint, type TextAnswer } from './endpoint.ts';
import { STATUS_BY_CODE, type ErrorCode } from './service-error.ts';

type Json = Readonly<Record<string, unknown>>;

export interface DocumentInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Whether the endpoints that are not open want a key. */
  readonly authenticated: boolean;
}

/** The OpenAPI 3.1 document of the endpoints, with every schema that has an `id` as a component. */
export function openApiDocument(endpoints: readonly Endpoint[], info: DocumentInfo): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const row of endpoints) (paths[row.path] ??= {})[row.method] = operationOf(row, info.authenticated);
  const lifted = liftDefinitions({ paths });
  return {
    openapi: '3.1.1',
    info: { title: info.title, version: info.version, description: info.description },
    servers: [{ url: '/' }],
    paths: lifted.value['paths'],
    components: {
      schemas: { ...lifted.definitions, Error: errorSchema() },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' }, apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' } },
    },
  };
}

function operationOf(row: Endpoint, authenticated: boolean): Json {
  const closed = authenticated && row.open !== true;
  return {
    operationId: operationIdOf(row),
    summary: row.summary,
    tags: [row.tag],
    ...(closed ? { security: [{ bearer: [] }, { apiKey: [] }] } : { security: [] }),
    parameters: [
      ...parametersOf('path', row.params),
      ...parametersOf('query', row.query),
      ...Object.entries(row.headers ?? {}).map(([name, schema]) => ({
        name,
        in: 'header',
        required: false,
        schema: schemaOf(schema, 'input'),
      })),
    ],
    ...(row.body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(row.body, 'input') } } } }),
    responses: { ...successesOf(row), ...failuresOf(row, closed) },
  };
}

function operationIdOf({ method, path }: Endpoint): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return [method, ...words].map((word, index) => (index === 0 ? word : word[0]?.toUpperCase() + word.slice(1))).join('');
}

function parametersOf(where: 'path' | 'query', schema: z.ZodType | undefined): readonly Json[] {
  if (schema === undefined) return [];
  const object = schemaOf(schema, 'input');
  const required = (object['required'] ?? []) as readonly string[];
  return Object.entries((object['properties'] ?? {}) as Json).map(([name, property]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema: property,
  }));
}

function successesOf(row: Endpoint): Json {
  const content = (answer: z.ZodType | TextAnswer): Json =>
    'contentType' in answer
      ? { [answer.contentType]: { schema: { type: 'string' } } }
      : { 'application/json': { schema: schemaOf(answer, 'output') } };
  return Object.fromEntries(
    Object.entries(row.answers).map(([status, answer]) => [status, { description: row.summary, content: content(answer) }]),
  );
}

function failuresOf(row: Endpoint, closed: boolean): Json {
  const byInput: readonly ErrorCode[] = [
    ...(row.body === undefined ? [] : (['malformed_body', 'payload_too_large', 'validation_failed'] as const)),
    ...(row.query === undefined && row.headers === undefined ? [] : (['validation_failed'] as const)),
    ...(row.params === undefined ? [] : (['not_found'] as const)),
    ...(closed ? (['unauthorized', 'forbidden'] as const) : []),
  ];
  const codes = new Set<ErrorCode>([...COMMON_ERRORS, ...byInput, ...(row.errors ?? [])]);
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  const statuses = new Set([...codes].map((code) => STATUS_BY_CODE[code]));
  return Object.fromEntries(
    [...statuses].map((status) => [
      String(status),
      { description: [...codes].filter((code) => STATUS_BY_CODE[code] === status).join(', '), content },
    ]),
  );
}

function errorSchema(): Json {
  return schemaOf(
    z.object({
      error: z.object({
        code: z.enum(Object.keys(STATUS_BY_CODE) as [ErrorCode, ...ErrorCode[]]),
        message: z.string(),
        details: z.unknown().describe('What is wrong in particular, as fits the code').optional(),
        retry_after_ms: z.number().min(0).optional(),
      }),
      request_id: z.string(),
    }),
    'output',
  );
}

/** JSON Schema 2020-12; what the schema cannot say (a refinement) is left out. */
export function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  return rest;
}

/** Moves every `$defs` into one set, and points the references there. */
export function liftDefinitions(value: Json): { readonly value: Json; readonly definitions: Json } {
  const definitions: Record<string, unknown> = {};
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).flatMap(([key, child]): [string, unknown][] => {
      if (key === '$defs') {
        for (const [name, definition] of Object.entries(child as Json)) definitions[name] ??= walk(definition);
        return [];
      }
      if (key === '$ref' && typeof child === 'string') return [[key, child.replace('#/$defs/', '#/components/schemas/')]];
      return [[key, walk(child)]];
    });
    return Object.fromEntries(entries);
  };
  return { value: walk(value) as Json, definitions };
}
