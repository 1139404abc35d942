import { MusterError } from '../model/errors.ts';
import { evaluateExpression, expressionHolds, parseExpression, type ParsedExpression } from '../model/expression.ts';
import type { Expression } from '../model/target.ts';

const parsedByText = new Map<Expression, ParsedExpression>();

/** Expressions come from the target file alone, so the cache is as small as the file. */
function parsed(text: Expression): ParsedExpression {
  const known = parsedByText.get(text);
  if (known !== undefined) return known;
  const result = parseExpression(text);
  if (!result.ok) {
    throw new MusterError(`The expression "${text}" ${result.problem}.`, {
      code: 'MUSTER_INVALID_EXPRESSION',
      blame: 'config',
      hint: 'Correct it in the target file.',
    });
  }
  parsedByText.set(text, result.expression);
  return result.expression;
}

/** The value an expression finds in an answer; undefined for an absent expression or value. */
export function extract(expression: Expression | undefined, json: unknown): unknown {
  return expression === undefined ? undefined : evaluateExpression(parsed(expression), json);
}

export function holdsIn(expression: Expression | undefined, json: unknown): boolean {
  return expression !== undefined && expressionHolds(parsed(expression), json);
}

/** A finite number, or null. Numbers in text are not numbers. */
export function numberIn(expression: Expression | undefined, json: unknown): number | null {
  const value = extract(expression, json);
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Text or a number as text (ids are both), or null. */
export function textIn(expression: Expression | undefined, json: unknown): string | null {
  return scalarText(extract(expression, json));
}

export function scalarText(value: unknown): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
