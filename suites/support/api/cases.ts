import fc, { type Arbitrary } from 'fast-check';
import type { Operation, Parameter } from './document.ts';
import { brokenJson, JUNK_TEXT, spoiled } from './junk.ts';
import { encoded, headerText, type ApiRequest } from './request.ts';
import type { Things } from './things.ts';
import type { Values } from './values.ts';

export interface Case {
  readonly request: ApiRequest;
  /** The request goes where the operation is: its answer must be one of the operation. */
  readonly arrives: boolean;
}

export interface Making {
  readonly values: Values;
  readonly things: Things;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is wrong with the requests of a kind. */
export type CaseKind = 'bare' | 'valid' | 'broken body' | 'spoiled body' | 'no body' | 'odd query' | 'odd path' | 'odd header';

/** The kinds that an operation can be asked in, the plainest first. */
export function kindsOf({ body, parameters }: Operation): readonly CaseKind[] {
  const has = (where: Parameter['in']): boolean => parameters.some((parameter) => parameter.in === where);
  return [
    'valid',
    ...(body === null ? [] : (['broken body', 'spoiled body', 'no body'] as const)),
    ...(has('path') ? (['odd path'] as const) : []),
    ...(has('query') ? (['odd query'] as const) : []),
    ...(has('header') ? (['odd header'] as const) : []),
  ];
}

export function casesOf(operation: Operation, kind: CaseKind, making: Making): Arbitrary<Case> {
  const parts = fc.record({
    path: pathsOf(operation, kind, making),
    query: pairsOf(operation, 'query', kind, making),
    headers: pairsOf(operation, 'header', kind, making),
    body: bodiesOf(operation, kind, making),
  });
  return parts.map(({ path, query, headers, body }) => {
    const own = Object.fromEntries(headers.map(([name, value]) => [name, headerText(value)]));
    const pairs = query.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
    return {
      arrives: kind !== 'odd path',
      request: {
        method: operation.method,
        path: pairs === '' ? path : `${path}?${pairs}`,
        headers: {
          accept: 'application/json',
          ...making.headers,
          ...own,
          ...(body === null ? {} : { 'content-type': 'application/json' }),
        },
        body,
      },
    };
  });
}

function pathsOf(operation: Operation, kind: CaseKind, { values, things }: Making): Arbitrary<string> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === 'path');
  const real = parameters.map(({ name, schema }) => {
    const made = values(schema).map((value) => asText(value).replace(/^\.{0,2}$/, 'x'));
    const known = things.forParameter(operation.path, name);
    if (known.length === 0) return made;
    // Mostly what is there: what is not is refused before anything else is looked at.
    return kind === 'bare'
      ? fc.constant(known.at(-1) ?? '')
      : fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: made });
  });
  const texts = kind === 'odd path' ? parameters.map(() => JUNK_TEXT) : real;
  return fc
    .tuple(...texts)
    .map((filled) =>
      parameters.reduce((path, { name }, index) => path.replace(`{${name}}`, () => encoded(filled[index] ?? '')), operation.path),
    );
}

type Pair = readonly [name: string, value: string];

function pairsOf(operation: Operation, where: 'query' | 'header', kind: CaseKind, { values, headers }: Making): Arbitrary<readonly Pair[]> {
  const isOdd = kind === (where === 'query' ? 'odd query' : 'odd header');
  const kept = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const wanted = operation.parameters
    .filter((parameter) => parameter.in === where)
    .filter(({ required }) => required || kind !== 'bare' || isOdd)
    // What says whose things these are stays, so that the case is about something that is there.
    .filter(({ name }) => where === 'query' || isOdd || !kept.has(name.toLowerCase()));
  const each = wanted.map(({ name, required, schema }) => {
    const valid = values(schema).map(asText);
    const value = isOdd ? fc.oneof({ weight: 2, arbitrary: JUNK_TEXT }, { weight: 1, arbitrary: valid }) : valid;
    const pair = value.map((text): readonly Pair[] => [[name, text]]);
    return required && !isOdd
      ? pair
      : fc.oneof({ weight: isOdd ? 3 : 1, arbitrary: pair }, { weight: 1, arbitrary: fc.constant<readonly Pair[]>([]) });
  });
  return fc.tuple(...each).map((pairs) => pairs.flat());
}

function bodiesOf({ body }: Operation, kind: CaseKind, { values }: Making): Arbitrary<string | null> {
  if (body === null) return fc.constant(null);
  const bare = values(body, { bare: true });
  if (kind === 'bare') return bare.map(asJson);
  if (kind === 'no body') return fc.constant('');
  if (kind === 'broken body') return brokenJson(bare);
  const valid = fc.oneof(values(body), bare);
  return (kind === 'spoiled body' ? spoiled(valid) : valid).map(asJson);
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(',');
  return typeof value === 'string' ? value : asJson(value);
}

function asJson(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}
