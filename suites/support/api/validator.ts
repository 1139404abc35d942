import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats, { type FormatsPlugin } from 'ajv-formats';
import { NotMeasured, type Answer } from '../../../harness/index.ts';
import { isJsonType, pointedTo, type ApiDocument, type Described, type Operation } from './document.ts';
import { asObject, brief, type Json, type Schema } from './json.ts';

/** What an answer is, held against the document: right, wrong, or nothing that the document speaks of. */
export type Conformity = { readonly kind: 'right' | 'undescribed' } | { readonly kind: 'unreadable' | 'wrong'; readonly why: string };

export interface Validator {
  judge(operation: Operation, answer: Pick<Answer, 'status' | 'json' | 'text' | 'headers'>): Conformity;
}

const DOCUMENT = 'document';
const RIGHT: Conformity = { kind: 'right' };
const UNDESCRIBED: Conformity = { kind: 'undescribed' };

/** Judges answers by the schemas of one document, formats included. A document that points to nothing is itself wrong. */
export function createValidator({ answers: root }: ApiDocument): Validator {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false });
  (addFormats as unknown as FormatsPlugin)(ajv);
  try {
    ajv.addSchema({ ...root, $id: DOCUMENT });
  } catch (error) {
    throw new NotMeasured(`the schemas of the OpenAPI document cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  const compiled = new WeakMap<Schema, ValidateFunction | Conformity>();
  const validatorOf = (schema: Schema): ValidateFunction | Conformity => {
    const known = compiled.get(schema) ?? compile(ajv, schema, root);
    compiled.set(schema, known);
    return known;
  };
  const bodyOf = (schema: Schema, body: unknown): Conformity => {
    const check = validatorOf(schema);
    if (typeof check !== 'function') return check;
    return check(body) ? RIGHT : { kind: 'wrong', why: `${ajv.errorsText(check.errors, { dataVar: 'the answer' })}: ${brief(body)}` };
  };
  return { judge: (operation, answer) => judged(operation, answer, bodyOf) };
}

function judged(
  operation: Operation,
  answer: Parameters<Validator['judge']>[1],
  bodyOf: (schema: Schema, body: unknown) => Conformity,
): Conformity {
  const code = String(answer.status ?? '');
  const described = operation.answers[code] ?? operation.answers[`${code[0] ?? ''}XX`] ?? operation.answers['DEFAULT'];
  if (described === undefined) return unspoken(code, `${code} is no status that the document names`);
  const type = answer.headers['content-type'] ?? '';
  const schema = schemaFor(described, type);
  if (schema === 'other')
    return unspoken(code, `it is ${type === '' ? 'of no media type' : type}, not ${Object.keys(described).join(' or ')}`);
  if (schema === null || !isJsonType(type)) return RIGHT;
  return answer.json === undefined
    ? { kind: 'wrong', why: `it says it is JSON and is not: ${brief(answer.text)}` }
    : bodyOf(schema, answer.json);
}

/** What a success is must be said; refusals come from frameworks and proxies too. */
function unspoken(code: string, why: string): Conformity {
  return code.startsWith('2') ? { kind: 'wrong', why } : UNDESCRIBED;
}

/** null: nothing is said of a body; `other`: of every media type but this one. */
function schemaFor(described: Described, type: string): Schema | null | 'other' {
  const entries = Object.entries(described);
  if (entries.length === 0) return null;
  const plain = bare(type);
  const fits = (range: string): boolean =>
    range === plain || range === '*/*' || (range.endsWith('/*') && plain.startsWith(range.slice(0, -1)));
  return entries.find(([range]) => fits(bare(range)))?.[1] ?? 'other';
}

function bare(type: string): string {
  return (type.split(';')[0] ?? '').trim().toLowerCase();
}

function compile(ajv: Ajv2020, schema: Schema, root: Json): ValidateFunction | Conformity {
  const dangling = danglingIn(schema, root, new Set());
  if (dangling !== null) return { kind: 'wrong', why: `the document describes it by ${dangling}, where there is nothing` };
  try {
    return ajv.compile(pointingTo(DOCUMENT, schema) as Json);
  } catch (error) {
    return { kind: 'unreadable', why: error instanceof Error ? error.message : String(error) };
  }
}

/** The first reference, here or in what is referred to, that leads to nothing. References to other documents are not followed. */
function danglingIn(node: unknown, root: Json, seen: Set<string>): string | null {
  if (typeof node !== 'object' || node === null) return null;
  const reference = asObject(node)['$ref'];
  if (typeof reference === 'string' && reference.startsWith('#') && !seen.has(reference)) {
    seen.add(reference);
    const found = pointedTo(reference, root);
    const deeper = found === undefined ? reference : danglingIn(found, root, seen);
    if (deeper !== null) return deeper;
  }
  for (const child of Object.values(node)) {
    const found = danglingIn(child, root, seen);
    if (found !== null) return found;
  }
  return null;
}

/** References of a part of the document, as seen from outside it. */
function pointingTo(document: string, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((child) => pointingTo(document, child));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, child]) => [
      key,
      key === '$ref' && typeof child === 'string' && child.startsWith('#') ? `${document}${child}` : pointingTo(document, child),
    ]),
  );
}
