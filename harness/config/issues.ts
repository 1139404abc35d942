import type { z } from 'zod';
import type { Finding } from './finding.ts';
import { valueAt } from './finding.ts';
import { keysAllowedAt, type JsonSchema } from './json-schema.ts';
import { ALLOWED_MARK } from './leaves.ts';
import { suggest } from '../model/suggest.ts';

type Issue = z.core.$ZodIssue;

/** zod's issues as findings in our words, with what is allowed and what was probably meant. */
export function findingsOf(issues: readonly Issue[], input: unknown, schema: JsonSchema): readonly Finding[] {
  return issues.flatMap((issue) => findingsOfIssue(issue, { input, schema, at: [] }));
}

interface Context {
  readonly input: unknown;
  readonly schema: JsonSchema;
  /** Path of the union the issue lies within. */
  readonly at: readonly string[];
}

function findingsOfIssue(issue: Issue, context: Context): readonly Finding[] {
  const path = [...context.at, ...issue.path.map(String)];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, path, context));
    case 'invalid_union':
      return ofUnion(issue, path, context);
    case 'invalid_key':
      return [{ path, ...messageParts(issue.issues[0]?.message ?? issue.message), shown: path.at(-1) }];
    case 'invalid_value':
      return [notOneOf(path, issue.values, context)];
    case 'invalid_type':
      return [wrongType(path, issue.expected, context)];
    case 'too_small':
      return [{ path, problem: 'is too small', allowed: `at least ${String(issue.minimum)}${countedIn(issue.origin)}` }];
    case 'too_big':
      return [{ path, problem: 'is too big', allowed: `at most ${String(issue.maximum)}${countedIn(issue.origin)}` }];
    default:
      return [{ path, ...messageParts(issue.message) }];
  }
}

function unknownKey(key: string, parent: readonly string[], context: Context): Finding {
  const allowed = keysAllowedAt(context.schema, parent, context.input);
  const keys = allowed.toSorted().join(', ');
  return { path: [...parent, key], problem: 'is an unknown key', allowed: keys, suggestion: suggest(key, allowed), shown: null };
}

function ofUnion(issue: Extract<Issue, { code: 'invalid_union' }>, path: readonly string[], context: Context): readonly Finding[] {
  if (issue.errors.length === 0) return [notOneOf(path, optionsOf(issue), context)];
  const fitting = issue.errors.find((branch) => !branch.some((inner) => inner.code === 'invalid_type' && inner.path.length === 0));
  if (fitting !== undefined) return fitting.flatMap((inner) => findingsOfIssue(inner, { ...context, at: path }));
  const expected = issue.errors.flatMap((branch) =>
    branch.flatMap((inner) => (inner.code === 'invalid_type' ? [typeWord(inner.expected)] : [])),
  );
  return [wrongTypeOf(path, [...new Set(expected)], context)];
}

/** zod reports the discriminator's values in a field its type does not have for every issue. */
function optionsOf(issue: object): readonly unknown[] {
  return 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
}

function notOneOf(path: readonly string[], values: readonly unknown[], context: Context): Finding {
  const names = values.map(String);
  const value = valueAt(context.input, path);
  if (value === undefined) return { path, problem: 'is missing', allowed: names.join(', ') };
  return {
    path,
    problem: 'is not allowed here',
    allowed: names.join(', '),
    suggestion: typeof value === 'string' ? suggest(value, names) : null,
  };
}

function wrongType(path: readonly string[], expected: string, context: Context): Finding {
  return wrongTypeOf(path, [typeWord(expected)], context);
}

function wrongTypeOf(path: readonly string[], words: readonly string[], context: Context): Finding {
  const value = valueAt(context.input, path);
  const allowed = words.join(' or ');
  if (value === undefined || value === null) return { path, problem: 'is missing', allowed };
  const quoted = words.includes('text') && typeof value !== 'object' && typeof value !== 'function';
  return { path, problem: 'has the wrong type', allowed: quoted ? `${allowed}; in YAML put it in quotes` : allowed };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping',
  record: 'a mapping',
  array: 'a list',
  null: 'null',
};

function typeWord(expected: string): string {
  return TYPE_WORDS[expected] ?? expected;
}

function countedIn(origin: string): string {
  if (origin === 'array') return ' entries';
  return origin === 'string' ? ' characters' : '';
}

function messageParts(message: string): { readonly problem: string; readonly allowed?: string } {
  const [problem = message, allowed] = message.split(ALLOWED_MARK);
  return allowed === undefined ? { problem } : { problem, allowed };
}
