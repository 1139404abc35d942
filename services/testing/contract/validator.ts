import addFormats, { type FormatsPlugin } from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { nameOf, type ApiDocument, type Operation, type Schema } from './document.ts';

/** Judges values by the schemas of one document, formats included. */
export interface Validator {
  /** What is wrong with the value, or null. */
  problem(schema: Schema, value: unknown): string | null;
  /** What is wrong with an answer: its status is not in the document, or its body is not what the document says. */
  answerProblem(operation: Operation, answer: { readonly status: number; readonly body: unknown }): string | null;
}

const DOCUMENT = 'document';

export function createValidator({ json }: ApiDocument): Validator {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateSchema: false });
  (addFormats as unknown as FormatsPlugin)(ajv);
  ajv.addSchema({ ...json, $id: DOCUMENT });
  const compiled = new WeakMap<Schema, ValidateFunction>();
  const validate = (schema: Schema): ValidateFunction => {
    const known = compiled.get(schema) ?? ajv.compile(pointingTo(DOCUMENT, schema) as Schema);
    compiled.set(schema, known);
    return known;
  };
  const problem = (schema: Schema, value: unknown): string | null => {
    const check = validate(schema);
    return check(value) ? null : ajv.errorsText(check.errors, { dataVar: 'it' });
  };
  return {
    problem,
    answerProblem: (operation, { status, body }) => {
      const schema = operation.answers.get(status);
      if (schema === undefined) return `${nameOf(operation)} answered ${status}, which is not in the document: ${brief(body)}`;
      const wrong = schema === null ? null : problem(schema, body);
      return wrong === null ? null : `${nameOf(operation)} ${status}: ${wrong}, in ${brief(body)}`;
    },
  };
}

function brief(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 400);
}

/** References of a part of the document, as seen from outside it. */
function pointingTo(document: string, node: unknown): unknown {
  if (Array.isArray(node)) return node.map((child) => pointingTo(document, child));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node).map(([key, child]) => [
      key,
      key === '$ref' && typeof child === 'string' ? `${document}${child}` : pointingTo(document, child),
    ]),
  );
}
