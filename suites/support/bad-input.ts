import type { SuiteRun } from '../../harness/index.ts';

type HttpTemplate = NonNullable<SuiteRun['spec']['bindings']['execute']>['http'];
type Body = HttpTemplate['body'];

export interface BadRequest {
  readonly name: string;
  readonly body: Body;
  /** Nobody can do the work without it: accepting it is wrong. Otherwise a lenient server may accept. */
  readonly mustBeRefused: boolean;
}

/**
 * Bodies made from a template that the server accepts: not an object at all, and, for the field that carries the text,
 * missing, of other types, empty, far too long.
 */
export function badBodies(template: Body): readonly BadRequest[] {
  const field = pathToText(template);
  const shapes: BadRequest[] = [
    { name: 'an empty object', body: {}, mustBeRefused: field !== null },
    { name: 'an array', body: [], mustBeRefused: field !== null },
    { name: 'a string', body: 'not an object', mustBeRefused: field !== null },
    { name: 'null', body: null, mustBeRefused: field !== null },
  ];
  if (field === null || field.length === 0) return shapes;
  const name = field.join('.');
  const variant = (what: string, value: Body | undefined, mustBeRefused: boolean): BadRequest => ({
    name: `${name} ${what}`,
    body: replaced(template, field, value),
    mustBeRefused,
  });
  return [
    ...shapes,
    variant('missing', undefined, true),
    variant('null', null, true),
    variant('an object', { nested: true }, true),
    variant('an array', ['a'], true),
    variant('a number', 42, false),
    variant('empty', '', false),
    variant('of a million characters', 'x'.repeat(1_000_000), false),
  ];
}

/** Where in the template the text goes; null when it goes nowhere. */
function pathToText(template: Body): readonly string[] | null {
  if (typeof template === 'string') return template.includes('${text}') ? [] : null;
  if (typeof template !== 'object' || template === null) return null;
  for (const [key, value] of Object.entries(template)) {
    const rest = pathToText(value);
    if (rest !== null) return [key, ...rest];
  }
  return null;
}

/** A copy of the template with another value at the path; undefined takes the field out. */
function replaced(template: Body, [key, ...rest]: readonly string[], value: Body | undefined): Body {
  if (key === undefined || typeof template !== 'object' || template === null) return value ?? null;
  if (Array.isArray(template)) return template.map((item: Body, index) => (String(index) === key ? replaced(item, rest, value) : item));
  const fields = Object.entries(template as Readonly<Record<string, Body>>);
  return Object.fromEntries(
    fields.flatMap(([name, item]) => {
      if (name !== key) return [[name, item]];
      return rest.length === 0 && value === undefined ? [] : [[name, replaced(item, rest, value)]];
    }),
  );
}
