import type { z } from 'zod';
import type { AppContext } from './http-app.ts';
import { jsonProblem } from './json-value.ts';
import { ServiceError } from './service-error.ts';

/** @throws ServiceError malformed_body (not JSON) or validation_failed (JSON, but not what the route takes). */
export async function readBody<T>(context: AppContext, schema: z.ZodType<T>): Promise<T> {
  const text = await context.req.text();
  return parseInput(schema, text === '' ? {} : parseJson(text));
}

/** Checks query parameters; every value arrives as text. */
export function readQuery<T>(context: AppContext, schema: z.ZodType<T>): T {
  return parseInput(schema, context.req.query());
}

/** @throws ServiceError validation_failed with the path and the problem of each issue. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const problem = jsonProblem(value);
  if (problem !== null) throw new ServiceError('validation_failed', problem);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const details = result.error.issues.slice(0, 10).map(({ path, message }) => ({ path: path.join('.'), message }));
  throw new ServiceError('validation_failed', 'the input is not valid', { details });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new ServiceError('malformed_body', 'the body is not JSON', { cause });
  }
}
