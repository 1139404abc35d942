import { NotMeasured } from '../../../harness/index.ts';
import { asList, asObject, asText, brief, type Json, type Schema } from './json.ts';
import { forSide } from './sides.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** What a status answers with: its schemas by media type, none when there is nothing to read. */
export type Described = Readonly<Record<string, Schema>>;

export interface Operation {
  /** `POST /path`, as the document writes it. */
  readonly name: string;
  /** In capitals. */
  readonly method: string;
  /** As the document writes it, with the path of its server before it. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
  /** The schema of a JSON body; null: it takes none, or none that is JSON. */
  readonly body: Schema | null;
  /** By `201`, `4XX` or `default`. */
  readonly answers: Readonly<Record<string, Described>>;
  /** The names of the security schemes that let somebody in; empty: everybody may. */
  readonly security: readonly string[];
}

/** An OpenAPI 3 document, read the way a client would. */
export interface ApiDocument {
  readonly operations: readonly Operation[];
  /** Described, and never to be asked. */
  readonly leftOut: readonly Operation[];
  /** Schemas of requests refer into `requests`, those of answers into `answers`: each says what that side may hold. */
  readonly requests: Json;
  readonly answers: Json;
  readonly schemes: Readonly<Record<string, Json>>;
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;
const SUPPORTED = /^3\.[01]\./;

/** @throws NotMeasured when it is no document that can be read. */
export function readDocument(json: unknown): ApiDocument {
  const root = asObject(json);
  const version = root['openapi'];
  if (typeof version !== 'string' || !SUPPORTED.test(version)) throw new NotMeasured(notReadable(root));
  const [requests, answers] = [forSide(root, 'request'), forSide(root, 'answer')];
  const paths = Object.entries(asObject(root['paths']));
  const operations = paths.flatMap(([path, item]) => operationsOf({ path, item: follow(item, root), root, requests, answers }));
  if (operations.length === 0) throw new NotMeasured('the OpenAPI document of the target describes no operation');
  const schemes = asObject(asObject(root['components'])['securitySchemes']) as ApiDocument['schemes'];
  return { operations, leftOut: [], requests, answers, schemes };
}

function notReadable(root: Json): string {
  const found = root['swagger'] ?? root['openapi'];
  const what = found === undefined ? 'what `openapi` answers with is no OpenAPI document' : `the document is of OpenAPI ${brief(found)}`;
  return `${what}; Muster reads 3.0 and 3.1 in JSON`;
}

interface Place {
  readonly path: string;
  readonly item: Json;
  readonly root: Json;
  readonly requests: Json;
  readonly answers: Json;
}

function operationsOf(place: Place): readonly Operation[] {
  return METHODS.filter((method) => method in place.item).map((method) => operationOf(place, method));
}

function operationOf({ path, item, root, requests, answers }: Place, method: string): Operation {
  const operation = asObject(item[method]);
  const [asking, answering] = [requests, answers].map((side) => follow(asObject(side['paths'])[path], side));
  const asked = asObject(asking?.[method]);
  const answered = asObject(answering?.[method]);
  const bodies = asObject(follow(asked['requestBody'], requests)['content']);
  return {
    name: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path: prefixOf(operation['servers'] ?? item['servers'] ?? root['servers']) + path,
    parameters: parametersOf([...asList(asking?.['parameters']), ...asList(asked['parameters'])], requests),
    body: jsonSchemaOf(bodies),
    answers: Object.fromEntries(
      Object.entries(asObject(answered['responses'])).map(([status, answer]) => [
        status.toUpperCase(),
        describedBy(follow(answer, answers)),
      ]),
    ),
    security: securityOf(operation['security'] ?? root['security']),
  };
}

/** The later ones replace earlier ones of the same name and place. */
function parametersOf(found: readonly unknown[], requests: Json): readonly Parameter[] {
  const read = found.map((each) => follow(each, requests)).filter(({ name }) => typeof name === 'string');
  const byKey = new Map(read.map((each) => [`${String(each['in'])} ${String(each['name'])}`, each]));
  return [...byKey.values()]
    .filter((each) => ['path', 'query', 'header'].includes(String(each['in'])))
    .filter((each) => each['in'] !== 'header' || isOwnHeader(String(each['name'])))
    .map((each) => ({
      name: String(each['name']),
      in: each['in'] as Parameter['in'],
      required: each['in'] === 'path' || each['required'] === true,
      schema: withExamples(asObject(each['schema'] ?? jsonSchemaOf(asObject(each['content'])) ?? {}), each),
    }));
}

/** OpenAPI has its own words for the first three; the others belong to the connection, and what is no token cannot be sent at all. */
function isOwnHeader(name: string): boolean {
  const isToken = /^[\w!#$%&'*+.^`|~-]+$/.test(name);
  return (
    isToken &&
    !/^(accept|content-type|authorization|host|connection|content-length|transfer-encoding|expect|upgrade|keep-alive)$/i.test(name)
  );
}

/** Alternatives of which one asks for nothing let everybody in. */
function securityOf(security: unknown): readonly string[] {
  const alternatives = asList(security).map((each) => Object.keys(asObject(each)));
  return alternatives.some((names) => names.length === 0) ? [] : [...new Set(alternatives.flat())];
}

function describedBy(answer: Json): Described {
  return Object.fromEntries(
    Object.entries(asObject(answer['content'])).map(([type, media]) => [type, asObject(asObject(media)['schema'] ?? {})]),
  );
}

function jsonSchemaOf(content: Json): Schema | null {
  const [, media] = Object.entries(content).find(([type]) => isJsonType(type)) ?? [];
  return media === undefined ? null : withExamples(asObject(asObject(media)['schema'] ?? {}), asObject(media));
}

/** `application/json`, `application/problem+json; charset=utf-8`. */
export function isJsonType(type: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(type);
}

/** Examples stand beside the schema as well. */
function withExamples(schema: Schema, holder: Json): Schema {
  const named = Object.values(asObject(holder['examples'])).flatMap((each) => ('value' in asObject(each) ? [asObject(each)['value']] : []));
  const examples = [...('example' in holder ? [holder['example']] : []), ...named];
  return examples.length === 0 ? schema : { ...schema, examples: [...asList(schema['examples']), ...examples] };
}

/** The path of the first server: where it runs, the target file says. */
function prefixOf(servers: unknown): string {
  const server = asObject(asList(servers)[0]);
  const variables = asObject(server['variables']);
  const url = asText(server['url'] ?? '/').replaceAll(/\{(\w+)\}/g, (_, name: string) => asText(asObject(variables[name])['default']));
  const path = URL.canParse(url, 'http://server') ? new URL(url, 'http://server').pathname : '/';
  return path.replace(/\/$/, '');
}

/** What a reference points to, as often as it points on; an empty object when there is nothing. */
export function follow(node: unknown, root: Json): Json {
  let found = asObject(node);
  for (let hop = 0; typeof found['$ref'] === 'string'; hop++) {
    if (hop === 50) return {};
    const { $ref: _, ...beside } = found;
    found = { ...asObject(pointedTo(found['$ref'], root)), ...beside };
  }
  return found;
}

/** undefined when there is nothing, or when it lies outside the document. */
export function pointedTo(reference: string, root: Json): unknown {
  if (!reference.startsWith('#')) return undefined;
  const steps = reference.slice(1).split('/').slice(1);
  return steps.reduce<unknown>((at, step) => asObject(at)[decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')], root);
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    // A stray percent sign is one.
    return step;
  }
}
