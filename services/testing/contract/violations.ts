import type { Json, Schema } from './document.ts';

/** A value that breaks one rule of a schema, and which. */
export interface Violation {
  /** `name: maxLength 128`. */
  readonly what: string;
  readonly value: unknown;
}

type Resolve = (schema: Schema) => Schema;

const OF_OTHER_TYPE: readonly (readonly [type: string, value: unknown])[] = [
  ['string', 'text'],
  ['number', 7.5],
  ['boolean', true],
  ['null', null],
  ['array', ['item']],
  ['object', { unexpected: 'value' }],
];
const LONGEST_TEXT = 60_000;

/**
 * The valid value with one rule broken at a time: each type, bound, length, pattern, choice, required and surplus property, at every
 * depth. Of alternatives the one that the value has is followed; what then still fits another is for the caller to leave out.
 */
export function violationsOf(schema: Schema, valid: unknown, resolve: Resolve, where = ''): readonly Violation[] {
  const found = resolve(schema);
  const name = (rule: string): string => `${where === '' ? 'the body' : where}: ${rule}`;
  const choices = (found['anyOf'] ?? found['oneOf'] ?? found['allOf']) as readonly Schema[] | undefined;
  if (choices !== undefined) return choices.flatMap((choice) => violationsOf(choice, valid, resolve, where));
  const other = OF_OTHER_TYPE.filter(([type]) => type !== found['type']).map(([type, value]) => ({ what: name(`a ${type}`), value }));
  const chosen = 'const' in found || 'enum' in found ? [{ what: name('not one of the choices'), value: 'none-of-them' }] : [];
  return [...other, ...chosen, ...textRules(found, name), ...numberRules(found, name), ...inside(found, valid, resolve, where)];
}

function textRules(schema: Schema, name: (rule: string) => string): readonly Violation[] {
  if (schema['type'] !== 'string') return [];
  const { minLength = 0, maxLength = LONGEST_TEXT } = schema as { minLength?: number; maxLength?: number };
  return [
    ...(minLength > 0 ? [{ what: name(`minLength ${minLength}`), value: 'a'.repeat(minLength - 1) }] : []),
    ...(maxLength < LONGEST_TEXT ? [{ what: name(`maxLength ${maxLength}`), value: 'a'.repeat(maxLength + 1) }] : []),
    ...('pattern' in schema || 'format' in schema ? [{ what: name('pattern'), value: '\u00e9 no such pattern' }] : []),
  ];
}

function numberRules(schema: Schema, name: (rule: string) => string): readonly Violation[] {
  const { type, minimum, maximum } = schema as { type?: string; minimum?: number; maximum?: number };
  if (type !== 'integer' && type !== 'number') return [];
  return [
    ...(minimum === undefined ? [] : [{ what: name(`minimum ${minimum}`), value: below(minimum) }]),
    ...(maximum === undefined ? [] : [{ what: name(`maximum ${maximum}`), value: -below(-maximum) }]),
  ];
}

/** Also for bounds so large that one less is the same number. */
function below(bound: number): number {
  return Math.abs(bound) < 2 ** 52 ? bound - 1 : bound * 4;
}

function inside(schema: Schema, valid: unknown, resolve: Resolve, where: string): readonly Violation[] {
  if (schema['type'] === 'array' && Array.isArray(valid)) return insideList(schema, valid, resolve, where);
  if (schema['type'] === 'object' && typeof valid === 'object' && valid !== null)
    return insideObject(schema, valid as Json, resolve, where);
  return [];
}

function insideList(schema: Schema, valid: readonly unknown[], resolve: Resolve, where: string): readonly Violation[] {
  const { minItems = 0, maxItems } = schema as { minItems?: number; maxItems?: number };
  const [first = null] = valid;
  const items = (schema['items'] ?? {}) as Schema;
  return [
    ...(minItems > 0 ? [{ what: `${where}: minItems ${minItems}`, value: valid.slice(0, minItems - 1) }] : []),
    ...(maxItems === undefined
      ? []
      : [{ what: `${where}: maxItems ${maxItems}`, value: Array.from({ length: maxItems + 1 }, () => first) }]),
    ...violationsOf(items, first, resolve, `${where}[0]`).map(({ what, value }) => ({ what, value: [value, ...valid.slice(1)] })),
  ];
}

function insideObject(schema: Schema, valid: Json, resolve: Resolve, where: string): readonly Violation[] {
  const required = (schema['required'] ?? []) as readonly string[];
  const prefix = where === '' ? '' : `${where}.`;
  const without = (key: string): Json => Object.fromEntries(Object.entries(valid).filter(([name]) => name !== key));
  return [
    ...required.map((key) => ({ what: `${prefix}${key}: left out`, value: without(key) })),
    ...(schema['additionalProperties'] === false ? [{ what: `${prefix}unexpected: surplus`, value: { ...valid, unexpected: 1 } }] : []),
    ...Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Schema>>).flatMap(([key, property]) =>
      violationsOf(property, valid[key], resolve, `${prefix}${key}`).map(({ what, value }) => ({
        what,
        value: { ...valid, [key]: value },
      })),
    ),
  ];
}
