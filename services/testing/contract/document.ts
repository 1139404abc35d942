export type Json = Readonly<Record<string, unknown>>;
export type Schema = Json;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Operation {
  readonly id: string;
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  /** Whether a key is wanted. */
  readonly closed: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: Schema | null;
  /** What each status answers with; null for one without JSON. */
  readonly answers: ReadonlyMap<number, Schema | null>;
}

/** A served OpenAPI document, read the way a client would. */
export interface ApiDocument {
  readonly json: Json;
  readonly operations: readonly Operation[];
  /** Follows a reference, if the schema is one. */
  readonly resolve: (schema: Schema) => Schema;
}

const JSON_TYPE = 'application/json';

export async function fetchDocument(url: string): Promise<ApiDocument> {
  const response = await fetch(`${url}/openapi.json`, { signal: AbortSignal.timeout(5000) });
  if (response.status !== 200) throw new Error(`${url}/openapi.json answered ${response.status}`);
  return readDocument((await response.json()) as Json);
}

export function readDocument(json: Json): ApiDocument {
  const paths = at(json, 'paths');
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods as Json).map(([method, operation]) => readOperation(path, method, operation as Json)),
  );
  const schemas = at(at(json, 'components'), 'schemas');
  return {
    json,
    operations,
    resolve: (schema) => {
      let found = schema;
      while (typeof found['$ref'] === 'string') found = schemas[found['$ref'].slice('#/components/schemas/'.length)] as Schema;
      return found;
    },
  };
}

/** `POST /path`, as the problems name it. */
export function nameOf({ method, path }: Operation): string {
  return `${method} ${path}`;
}

export function successesOf(operation: Operation): readonly number[] {
  return [...operation.answers.keys()].filter((status) => status < 400);
}

export function at(json: unknown, key: string): Json {
  return ((json as Json)[key] ?? {}) as Json;
}

function readOperation(path: string, method: string, operation: Json): Operation {
  const security = (operation['security'] ?? []) as readonly unknown[];
  const body = at(at(at(operation, 'requestBody'), 'content'), JSON_TYPE)['schema'];
  return {
    id: String(operation['operationId']),
    method: method.toUpperCase(),
    path,
    summary: (operation['summary'] ?? '') as string,
    closed: security.length > 0,
    parameters: (operation['parameters'] ?? []) as readonly Parameter[],
    body: (body ?? null) as Schema | null,
    answers: new Map(
      Object.entries(at(operation, 'responses')).map(([status, answer]) => [
        Number(status),
        (at(at(answer, 'content'), JSON_TYPE)['schema'] ?? null) as Schema | null,
      ]),
    ),
  };
}
