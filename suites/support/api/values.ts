import fc, { type Arbitrary } from 'fast-check';
import { follow } from './document.ts';
import { asList, asObject, type Json, type Schema } from './json.ts';

/** Values that a JSON schema allows. One per document: what was made for a schema is made once. */
export type Values = (schema: Schema, options?: { readonly bare?: boolean }) => Arbitrary<unknown>;

interface Making {
  readonly root: Json;
  /** Leave out what may be left out. */
  readonly bare: boolean;
  readonly depth: number;
  readonly known: Map<string, WeakMap<Schema, Arbitrary<unknown>>>;
}

/** Deeper than this nothing is nested that need not be: schemas may hold themselves. */
const DEEP = 4;
/** Even what must be nested ends here: then the value does not fit, as no finite one would. */
const DEEPEST = 8;
const SPARE_ITEMS = 2;
const SPARE_LETTERS = 24;
const LONGEST = 5_000;
const MOST_ITEMS = 1_000;
const PLAIN_LETTER = fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'.split(''));
/** As people write it: accents, other scripts, emoji. */
const ANY_LETTER = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 });

const FORMATS: Readonly<Record<string, () => Arbitrary<string>>> = {
  uuid: () => fc.uuid(),
  'date-time': () => dates().map((date) => date.toISOString()),
  date: () => dates().map((date) => date.toISOString().slice(0, 10)),
  uri: () => fc.webUrl(),
  url: () => fc.webUrl(),
  email: () => fc.emailAddress(),
  ipv4: () => fc.ipV4(),
  ipv6: () => fc.ipV6(),
  hostname: () => fc.domain(),
};

/** @param root what references of the schemas point into. */
export function createValues(root: Json): Values {
  const known: Making['known'] = new Map();
  return (schema, { bare = false } = {}) => valuesOf(schema, { root, bare, depth: 0, known });
}

function valuesOf(given: unknown, making: Making): Arbitrary<unknown> {
  const schema = asObject(given);
  const key = `${making.depth} ${making.bare}`;
  const made = making.known.get(key) ?? new WeakMap<Schema, Arbitrary<unknown>>();
  making.known.set(key, made);
  const known = made.get(schema) ?? withExamples(follow(schema, making.root), making);
  made.set(schema, known);
  return known;
}

function withExamples(schema: Schema, making: Making): Arbitrary<unknown> {
  const examples = [...asList(schema['examples']), ...('example' in schema ? [schema['example']] : [])];
  if (examples.length === 0) return ofKind(schema, making);
  return fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...examples) }, { weight: 1, arbitrary: ofKind(schema, making) });
}

function ofKind(schema: Schema, making: Making): Arbitrary<unknown> {
  if (making.depth > DEEPEST) return fc.constant(null);
  if ('const' in schema) return fc.constant(schema['const']);
  const choices = asList(schema['enum']);
  if (choices.length > 0) return fc.constantFrom(...choices);
  const { allOf, anyOf, oneOf, ...rest } = schema;
  const parts = asList(allOf);
  if (parts.length > 0) return ofKind(merged([{ ...rest, ...alternatives(schema) }, ...parts], making.root), making);
  const alternative = asList(anyOf ?? oneOf);
  if (alternative.length === 0) return ofType(rest, making);
  const chosen = making.depth >= DEEP ? alternative.slice(0, 3) : alternative;
  return fc.oneof(...chosen.map((each) => valuesOf(isPlain(rest) ? each : merged([rest, each], making.root), deeper(making))));
}

function deeper(making: Making): Making {
  return { ...making, depth: making.depth + 1 };
}

function alternatives({ anyOf, oneOf }: Schema): Json {
  return { ...(anyOf === undefined ? {} : { anyOf }), ...(oneOf === undefined ? {} : { oneOf }) };
}

/** Nothing about the value itself: a title, a description. */
function isPlain(schema: Schema): boolean {
  return !['type', 'properties', 'required', 'items', 'additionalProperties'].some((key) => key in schema);
}

/** One schema of several that hold at once: properties and what is required together, of everything else the last word. */
export function merged(parts: readonly unknown[], root: Json): Schema {
  return parts.reduce<Schema>((all, given) => {
    const found = follow(given, root);
    const part = asList(found['allOf']).length > 0 ? merged([{ ...found, allOf: [] }, ...asList(found['allOf'])], root) : found;
    const properties = { ...asObject(all['properties']), ...asObject(part['properties']) };
    const required = [...new Set([...asList(all['required']), ...asList(part['required'])])];
    return {
      ...all,
      ...part,
      ...(Object.keys(properties).length === 0 ? {} : { properties, type: 'object' }),
      ...(required.length === 0 ? {} : { required }),
    };
  }, {});
}

function ofType(schema: Schema, making: Making): Arbitrary<unknown> {
  const { type } = schema;
  if (Array.isArray(type)) return fc.oneof(...type.map((each: unknown) => ofType({ ...schema, type: each }, making)));
  switch (type ?? typeGuessed(schema)) {
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
      return lists(schema, making);
    case 'object':
      return objects(schema, making);
    default:
      return fc.constantFrom<unknown>('text', 7, true, { key: 'value' }, ['item']);
  }
}

function typeGuessed(schema: Schema): string | null {
  if ('properties' in schema || 'additionalProperties' in schema) return 'object';
  if ('items' in schema) return 'array';
  return 'pattern' in schema || 'minLength' in schema || 'maxLength' in schema || 'format' in schema ? 'string' : null;
}

function texts(schema: Schema): Arbitrary<string> {
  const least = Math.min(numberOf(schema, 'minLength') ?? 0, LONGEST);
  const most = Math.max(least, Math.min(numberOf(schema, 'maxLength') ?? LONGEST, LONGEST));
  // Brought to length, not filtered: what no text fits would be looked for without end.
  const fitting = (text: string): string => Array.from(text.padEnd(least, 'a')).slice(0, most).join('');
  const format = FORMATS[String(schema['format'])];
  if (format !== undefined) return format().map(fitting);
  const pattern = typeof schema['pattern'] === 'string' ? matching(schema['pattern']) : null;
  if (pattern !== null) return pattern.map(fitting);
  const limits = { minLength: least, maxLength: Math.min(most, least + SPARE_LETTERS) };
  const plain = fc.string({ unit: PLAIN_LETTER, ...limits });
  const strange = fc.string({ unit: ANY_LETTER, ...limits }).map(fitting);
  const longest = most < LONGEST ? [{ weight: 1, arbitrary: longTexts(least, most) }] : [];
  return fc.oneof({ weight: 3, arbitrary: plain }, { weight: 2, arbitrary: strange }, ...longest);
}

/** The longest often; smaller cases are shorter ones. */
function longTexts(least: number, most: number): Arbitrary<string> {
  return fc.tuple(fc.boolean(), fc.integer({ min: least, max: most })).map(([isLongest, length]) => 'a'.repeat(isLongest ? most : length));
}

/** null when fast-check or JavaScript cannot read the pattern. */
function matching(pattern: string): Arbitrary<string> | null {
  try {
    return fc.stringMatching(new RegExp(pattern, 'u'));
  } catch {
    // The value then is any text, which the pattern may refuse: a spoiled value instead of a valid one.
    return null;
  }
}

function numbers(schema: Schema): Arbitrary<number> {
  const step = schema['type'] === 'integer' ? 1 : Number.EPSILON;
  const [above, below] = [numberOf(schema, 'exclusiveMinimum'), numberOf(schema, 'exclusiveMaximum')];
  const least = numberOf(schema, 'minimum') ?? (above === undefined ? -1000 : above + step);
  const most = Math.max(least, numberOf(schema, 'maximum') ?? (below === undefined ? Math.max(least, 0) + 1000 : below - step));
  const edges = fc.constantFrom(least, most);
  if (schema['type'] === 'number') return fc.oneof(fc.double({ min: least, max: most, noNaN: true }), edges);
  const [from, to] = [Math.ceil(Math.max(least, -(2 ** 53) + 1)), Math.floor(Math.min(most, 2 ** 53 - 1))];
  return fc.oneof(fc.integer({ min: from, max: Math.max(from, to) }), fc.constantFrom(from, Math.max(from, to)));
}

function lists(schema: Schema, making: Making): Arbitrary<unknown> {
  const least = Math.min(numberOf(schema, 'minItems') ?? 0, MOST_ITEMS);
  const most = Math.max(least, Math.min(numberOf(schema, 'maxItems') ?? Number.POSITIVE_INFINITY, least + SPARE_ITEMS));
  if (making.depth >= DEEP && least === 0) return fc.constant([]);
  return fc.array(valuesOf(schema['items'], deeper(making)), {
    minLength: least,
    maxLength: making.bare ? Math.max(least, Math.min(most, 1)) : most,
  });
}

function objects(schema: Schema, making: Making): Arbitrary<unknown> {
  const required = asList(schema['required']).map(String);
  const properties = Object.entries(asObject(schema['properties']));
  const isBare = making.bare || making.depth >= DEEP;
  const wanted = isBare ? properties.filter(([name]) => required.includes(name)) : properties;
  const inside = deeper(making);
  const known = fc.record(Object.fromEntries(wanted.map(([name, property]) => [name, valuesOf(property, inside)])), {
    requiredKeys: required.filter((name) => wanted.some(([one]) => one === name)),
  });
  const more = schema['additionalProperties'];
  if (typeof more !== 'object' || more === null || isBare) return known;
  const keys = texts({ minLength: 1, ...asObject(schema['propertyNames']) });
  return fc
    .tuple(fc.dictionary(keys, valuesOf(more, inside), { maxKeys: SPARE_ITEMS }), known)
    .map(([extra, own]) => ({ ...extra, ...own }));
}

function dates(): Arbitrary<Date> {
  return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') });
}

function numberOf(schema: Schema, name: string): number | undefined {
  const value = schema[name];
  return typeof value === 'number' ? value : undefined;
}
