import type { Comparison } from './threshold.ts';

/** How an expression compares: the threshold operators and `!=`. */
type ExpressionOperator = Comparison | '!=';

type Literal = string | number | boolean | null;

/** The parsed form of an `Expression`; plain data. `$` (the whole answer) is an empty path. */
export type ParsedExpression =
  | { readonly kind: 'path'; readonly path: readonly string[] }
  | { readonly kind: 'comparison'; readonly path: readonly string[]; readonly op: ExpressionOperator; readonly literal: Literal };

export type ExpressionResult =
  | { readonly ok: true; readonly expression: ParsedExpression }
  | { readonly ok: false; readonly problem: string };

const COMPARE: Record<ExpressionOperator, (actual: unknown, literal: Literal) => boolean> = {
  '==': (actual, literal) => actual === literal,
  '!=': (actual, literal) => actual !== literal,
  '<': (actual, literal) => bothNumbers(actual, literal, (a, b) => a < b),
  '<=': (actual, literal) => bothNumbers(actual, literal, (a, b) => a <= b),
  '>': (actual, literal) => bothNumbers(actual, literal, (a, b) => a > b),
  '>=': (actual, literal) => bothNumbers(actual, literal, (a, b) => a >= b),
};

const OPERATORS = new Map(Object.keys(COMPARE).map((op) => [op, op as ExpressionOperator]));
const SPLIT = /^([^=!<>'"]*?)\s*([=!<>]+)\s*(.*)$/s;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const BARE_WORD = /^[\w.:/-]+$/;
const SEGMENT = /^(?:[A-Za-z_][\w-]*|\d+)$/;

/**
 * Reads `items[0].id`, `a.b.0.c`, `$` (the whole answer) or `path op literal`. A literal is a number, true, false,
 * null, a bare word, or text in single or double quotes.
 */
export function parseExpression(text: string): ExpressionResult {
  const trimmed = text.trim();
  if (trimmed === '') return { ok: false, problem: 'is empty; write a dotted path such as `usage.total`' };
  const split = SPLIT.exec(trimmed);
  if (split === null) return withPath(trimmed, (path) => ({ ok: true, expression: { kind: 'path', path } }));
  const [, left = '', symbol = '', right = ''] = split;
  const op = OPERATORS.get(symbol);
  if (op === undefined)
    return { ok: false, problem: `has the unknown operator \`${symbol}\`; allowed: ${[...OPERATORS.keys()].join(' ')}` };
  const literal = parseLiteral(right);
  if (!literal.ok) return literal;
  if (op !== '==' && op !== '!=' && typeof literal.value !== 'number') {
    return { ok: false, problem: `compares with \`${op}\`, which needs a number, not \`${right}\`` };
  }
  return withPath(left, (path) => ({ ok: true, expression: { kind: 'comparison', path, op, literal: literal.value } }));
}

/** Value of a path (undefined when missing) or truth of a comparison (false when the path is missing). Never throws. */
export function evaluateExpression(expression: ParsedExpression, json: unknown): unknown {
  const actual = valueAt(expression.path, json);
  if (expression.kind === 'path') return actual;
  return actual !== undefined && COMPARE[expression.op](actual, expression.literal);
}

/** Whether an expression holds: a comparison that is true, or a path to something that is not false, null, 0 or "". */
export function expressionHolds(expression: ParsedExpression, json: unknown): boolean {
  return Boolean(evaluateExpression(expression, json));
}

function valueAt(path: readonly string[], json: unknown): unknown {
  let current: unknown = json;
  for (const segment of path) {
    if (typeof current !== 'object' || current === null || segment === '__proto__' || !Object.hasOwn(current, segment)) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[segment];
  }
  return current;
}

function withPath(text: string, build: (path: readonly string[]) => ExpressionResult): ExpressionResult {
  const segments = text
    .replace(/\[(\d+)\]/g, '.$1')
    .replace(/^(?:\$(?=\.|$)\.?|\.(?=\d))/, '')
    .split('.');
  const path = segments.length === 1 && segments[0] === '' && text !== '' ? [] : segments;
  const bad = path.find((segment) => !SEGMENT.test(segment));
  if (bad === undefined) return build(path);
  const where = bad === '' ? 'an empty name' : `\`${bad}\``;
  return { ok: false, problem: `has ${where} in the path \`${text}\`; write names and indexes such as \`items[0].id\`` };
}

type LiteralResult = { readonly ok: true; readonly value: Literal } | { readonly ok: false; readonly problem: string };

function parseLiteral(text: string): LiteralResult {
  if (text === '') return { ok: false, problem: 'has nothing on the right of the operator' };
  if (NUMBER.test(text)) return { ok: true, value: Number(text) };
  if (text === 'true' || text === 'false') return { ok: true, value: text === 'true' };
  if (text === 'null') return { ok: true, value: null };
  const quote = text[0];
  if (quote === '"' || quote === "'") {
    const inner = text.slice(1, -1);
    if (text.length > 1 && text.endsWith(quote) && !inner.includes(quote)) return { ok: true, value: inner };
    return { ok: false, problem: `has the unfinished text ${text}; close it with ${quote}` };
  }
  if (BARE_WORD.test(text)) return { ok: true, value: text };
  return { ok: false, problem: `has \`${text}\` on the right; put text with spaces or signs in quotes` };
}

function bothNumbers(actual: unknown, literal: Literal, compare: (a: number, b: number) => boolean): boolean {
  return typeof actual === 'number' && typeof literal === 'number' && compare(actual, literal);
}
