import { z } from 'zod';
import { parseExpression } from '../model/expression.ts';
import { parseThreshold } from '../model/threshold.ts';
import type { Read } from './quantities.ts';
import {
  CONFIDENCE_ALLOWED,
  DURATION_ALLOWED,
  HTTP_ALLOWED,
  RATE_ALLOWED,
  readConfidence,
  readDuration,
  readHttpLine,
  readRate,
  readSize,
  pathProblem,
  SIZE_ALLOWED,
  splitCommand,
} from './quantities.ts';

/** Separates problem and allowed values within a zod message; neither may contain it. */
export const ALLOWED_MARK = '\u0000';

/** A text checked by one of the readers; the readers are run again where the value is used. */
function textOf(read: (text: string) => Read<unknown>, allowed: string): z.ZodType<string, string> {
  return z.string().check((context) => {
    const result = read(context.value);
    if (result.ok) return;
    context.issues.push({ code: 'custom', input: context.value, message: `${result.problem}${ALLOWED_MARK}${allowed}` });
  });
}

export const duration = textOf(readDuration, DURATION_ALLOWED).describe(DURATION_ALLOWED);
export const size = textOf(readSize, SIZE_ALLOWED).describe(SIZE_ALLOWED);
export const rate = textOf(readRate, RATE_ALLOWED).describe(RATE_ALLOWED);
export const httpLine = textOf(readHttpLine, HTTP_ALLOWED).describe(HTTP_ALLOWED);
export const commandText = textOf(splitCommand, 'a program and its arguments').describe('split on spaces; quotes group');

export const wsPath = textOf((path) => {
  const problem = pathProblem(path);
  return problem === null ? { ok: true, value: path } : { ok: false, problem };
}, 'a path, such as /ws/events?key=${key}').describe('path of a WebSocket endpoint');

export const expression = textOf((text) => {
  const parsed = parseExpression(text);
  return parsed.ok ? { ok: true, value: text } : parsed;
}, 'a dotted path such as usage.total or items[0].id, or a comparison such as status == healthy').describe(
  'dotted path into the JSON answer, or `path op literal`',
);

/** A threshold text: `< 250ms`, `>= 95%`, `== 0count`. */
export const threshold = textOf((text) => {
  const parsed = parseThreshold(text);
  // The value is printed before the problem already.
  if (!parsed.ok) return { ok: false, problem: parsed.problem.replace(`"${text}" `, '') };
  return impossible(parsed.threshold.value, parsed.threshold.unit) ?? { ok: true, value: text };
}, 'for example < 250ms or >= 95%').describe('`op number unit`, such as `< 250ms`');

export const confidence = z
  .union([z.string(), z.number()])
  .check((context) => {
    const result = readConfidence(context.value);
    if (!result.ok)
      context.issues.push({ code: 'custom', input: context.value, message: `${result.problem}${ALLOWED_MARK}${CONFIDENCE_ALLOWED}` });
  })
  .describe(CONFIDENCE_ALLOWED);

export const name = z
  .string()
  .regex(/^[A-Za-z][\w-]*$/, `is no valid name${ALLOWED_MARK}letters, digits, - and _, beginning with a letter`);

export const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, `is no valid header name${ALLOWED_MARK}letters, digits and - _ .`);

export const hostName = z
  .string()
  .regex(
    /^(?:(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?|\[?[\da-f]*:[\da-f:.]+\]?)$/i,
    `is no host name${ALLOWED_MARK}a name or an address without scheme and port, or *.example.com for every name under it`,
  );

export const nonEmpty = z.string().regex(/\S/, `is empty${ALLOWED_MARK}text`);
export const count = z.int().min(1);

function impossible(value: number, unit: string): Read<never> | null {
  if (value < 0) return { ok: false, problem: 'is negative, which no measurement is' };
  return unit === '%' && value > 1 ? { ok: false, problem: 'is over 100%, which no ratio reaches' } : null;
}
