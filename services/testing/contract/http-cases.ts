import fc, { type Arbitrary } from 'fast-check';
import { call, curlOf, type ApiAnswer, type ApiRequest } from './call.ts';
import type { Campaign } from './campaign.ts';
import type { Operation, Schema } from './document.ts';
import { targetOf, type Explorer } from './explorer.ts';
import { junkBody, junkText, spoiled } from './junk.ts';
import { valuesOf } from './values.ts';

export interface HttpCase {
  readonly operation: Operation;
  readonly request: ApiRequest;
  /** Whether the request went where the operation is. */
  readonly arrives: boolean;
}

const TYPES = [
  'application/json',
  'application/json; charset=utf-16',
  'text/plain',
  'multipart/form-data',
  'application/x-www-form-urlencoded',
  '',
];
const ODD_METHODS = ['HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'PROPFIND', 'PURGE'];
const ODD_SEGMENTS = ['', '.', '..', '%', '%00', '%2e%2e%2f', '%zz', '%ff', '%E0%A4%A', '%F0%9F%98%80', '*', ';x=1', 'x'.repeat(3000)];
const HEADER_NAMES = [
  'x-workspace-id',
  'x-request-id',
  'idempotency-key',
  'accept',
  'content-encoding',
  'authorization',
  'x-api-key',
  'origin',
  'range',
  'mcp-session-id',
  'last-event-id',
];
/** Only a caller that set a limit itself may be told that it was too short. */
const TIMEOUT = 504;
const LIMIT = /"(?:timeout|deadline)_ms"/;
const VISIBLE = /^[\x20-\x7e\x80-\xff]*$/;

/** Requests to each operation of a document: some as it wants them, most with something about them that is not. */
export function httpCampaign(name: string, url: string, explorer: Explorer): Campaign<HttpCase> {
  return {
    name: `requests to ${name}`,
    cases: fc.constantFrom(...explorer.document.operations).chain((operation) => httpCases(operation, explorer)),
    attempt: async (sent) => {
      const answer = await call(url, sent.request);
      const problem = problemOf(sent, answer, explorer);
      if (problem !== null) throw new Error(problem);
    },
    reproducer: ({ request }) => curlOf(url, request),
  };
}

function problemOf({ operation, request, arrives }: HttpCase, answer: ApiAnswer, { document, validator }: Explorer): string | null {
  if (answer.status === TIMEOUT && LIMIT.test(String(request.body))) return validator.answerProblem(operation, answer);
  if (answer.status >= 500) return `it answered ${answer.status}: ${JSON.stringify(answer.body).slice(0, 300)}`;
  if (arrives && request.method === operation.method) return validator.answerProblem(operation, answer);
  if (answer.status < 400 || request.method === 'HEAD' || answer.body === '') return null;
  const error = document.resolve({ $ref: '#/components/schemas/Error' });
  return validator.problem(error, answer.body);
}

function httpCases(operation: Operation, explorer: Explorer): Arbitrary<HttpCase> {
  const inPath = operation.parameters.filter(({ in: where }) => where === 'path');
  const real = inPath.map(({ name, schema }) => {
    const known = explorer.candidates(operation, name);
    return known.length === 0 ? valuesOf(schema, explorer.document).map(String) : fc.constantFrom(...known);
  });
  const odd = inPath.map(() => fc.oneof(fc.constantFrom(...ODD_SEGMENTS), junkText().map(encoded)));
  const path = fc.oneof(
    { weight: 4, arbitrary: fc.tuple(...real).map((values) => ({ arrives: true, values: values.map(encoded) })) },
    { weight: 1, arbitrary: fc.tuple(...odd).map((values) => ({ arrives: values.length === 0, values })) },
  );
  const method = fc.oneof(
    { weight: 9, arbitrary: fc.constant(operation.method) },
    { weight: 1, arbitrary: fc.constantFrom(...ODD_METHODS) },
  );
  const body = operation.body === null ? fc.option(junkBody(), { nil: undefined, freq: 5 }) : bodies(operation.body, explorer);
  return fc
    .record({ path, method, body, query: queries(operation, explorer), headers: headersOf() })
    .map(({ path: { arrives, values }, body: sent, query, headers, ...made }) => {
      const names = inPath.map(({ name }, index) => [name, `\0${index}\0`] as const);
      const template = targetOf(operation.path, Object.fromEntries(names));
      const target = values.reduce((text, value, index) => text.replace(`%00${index}%00`, () => value), template) + query;
      return { operation, arrives, request: { ...made, target, headers, ...(sent === undefined ? {} : { body: sent }) } };
    });
}

function bodies(schema: Schema, { document }: Explorer): Arbitrary<string | Uint8Array> {
  const valid = fc.oneof(valuesOf(schema, document), valuesOf(schema, { ...document, bare: true }));
  return fc.oneof(
    { weight: 3, arbitrary: valid.map(asText) },
    { weight: 4, arbitrary: spoiled(valid).map(asText) },
    { weight: 2, arbitrary: junkBody() },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
  );
}

function queries(operation: Operation, { document }: Explorer): Arbitrary<string> {
  const known = operation.parameters.filter(({ in: where }) => where === 'query');
  const pairs = known.map(({ name, schema }) =>
    fc.option(
      fc.oneof(valuesOf(schema, document).map(String), junkText()).map((value) => `${name}=${encoded(value)}`),
      { nil: '', freq: 2 },
    ),
  );
  const more = fc.option(
    fc.oneof(fc.constantFrom('limit=1&limit=2', '%', '%zz=%zz', '&&==', 'a[]=1', 'x'.repeat(4000)), junkText().map(encoded)),
    { nil: '', freq: 8 },
  );
  return fc.tuple(more, ...pairs).map((parts) => {
    const text = parts.filter((part) => part !== '').join('&');
    return text === '' ? '' : `?${text}`;
  });
}

function headersOf(): Arbitrary<Readonly<Record<string, string>>> {
  const odd = fc.dictionary(
    fc.constantFrom(...HEADER_NAMES),
    junkText().filter((text) => VISIBLE.test(text) && text.length < 2000),
    { maxKeys: 2 },
  );
  const type = fc.oneof({ weight: 4, arbitrary: fc.constant('application/json') }, { weight: 1, arbitrary: fc.constantFrom(...TYPES) });
  return fc
    .tuple(fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: odd }), type)
    .map(([others, contentType]) => ({ ...others, ...(contentType === '' ? {} : { 'content-type': contentType }) }));
}

function asText(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** Also halves of surrogate pairs, which `encodeURIComponent` refuses. */
export function encoded(text: string): string {
  return encodeURIComponent(Buffer.from(text, 'utf8').toString('utf8'));
}
