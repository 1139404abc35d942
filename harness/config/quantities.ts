/** The result of reading one piece of config text. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZE_BYTES: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };
const QUANTITY = /^(\d+(?:\.\d+)?)\s*([a-z%]*)$/i;

export const DURATION_ALLOWED = 'a duration with its unit, such as 250ms, 30s, 5m, 1h';
export const SIZE_ALLOWED = 'a size with its unit (1024 based), such as 512mb, 1gb';
export const RATE_ALLOWED = 'a rate with its unit, such as 120rps';
export const HTTP_ALLOWED = 'a method and a path, such as POST /operations/${id}';
export const CONFIDENCE_ALLOWED = 'a confidence of at least 50% and below 100%, such as 95% or 0.95';

/** Milliseconds; more than 0 and at most 365 days. */
export function readDuration(text: string): Read<number> {
  const read = readQuantity(text, DURATION_MS);
  if (!read.ok) return read;
  if (read.value <= 0) return { ok: false, problem: 'must be longer than 0' };
  return read.value <= 365 * 86_400_000 ? read : { ok: false, problem: 'is longer than a year' };
}

/** Bytes; `1gb` is 1024³. */
export function readSize(text: string): Read<number> {
  const read = readQuantity(text, SIZE_BYTES);
  return read.ok && read.value < 1 ? { ok: false, problem: 'must be at least 1 byte' } : read;
}

/** Requests per second. */
export function readRate(text: string): Read<number> {
  const read = readQuantity(text, { rps: 1 });
  return read.ok && read.value <= 0 ? { ok: false, problem: 'must be more than 0' } : read;
}

/** Fraction in [0.5, 1). */
export function readConfidence(value: string | number): Read<number> {
  const read: Read<number> = typeof value === 'number' ? { ok: true, value } : readQuantity(value, { '%': 0.01 });
  if (!read.ok) return read;
  return read.value >= 0.5 && read.value < 1 ? read : { ok: false, problem: 'is outside 50% to 100%' };
}

export interface HttpLine {
  readonly method: string;
  readonly path: string;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];

export function readHttpLine(text: string): Read<HttpLine> {
  const match = /^(\S+)\s+(\S.*)$/.exec(text.trim());
  const method = match?.[1] ?? '';
  const path = match?.[2] ?? '';
  if (match === null) return { ok: false, problem: 'needs a method and a path' };
  if (!METHODS.includes(method)) return { ok: false, problem: `has the unknown method ${method} (allowed: ${METHODS.join(', ')})` };
  const bad = pathProblem(path);
  return bad === null ? { ok: true, value: { method, path } } : { ok: false, problem: bad };
}

/** Why a request path is unusable; null when it is fine. Placeholders may hold anything. */
export function pathProblem(path: string): string | null {
  if (!path.startsWith('/')) return `has the path ${path}, which must begin with /`;
  const withoutPlaceholders = path.replace(/\$\{[^{}]*\}/g, '');
  return /^[\x21\x22\x24-\x7e]*$/.test(withoutPlaceholders)
    ? null
    : 'has a space, a # or a special character in the path; percent-encode it';
}

/** A part of a word: 'raw', "with \" escapes", or plain with escapes. */
const WORD_PART = /'([^']*)'|"((?:[^"\\]|\\.)*)"|((?:[^\s'"\\]|\\.)+)|(\s+)/gsy;

/** Splits on spaces; single and double quotes group, a backslash escapes the next character outside single quotes. */
export function splitCommand(text: string): Read<readonly string[]> {
  const words: string[] = [];
  let word: string | null = null;
  let end = 0;
  for (const [part, raw, escaped, plain, space] of text.matchAll(WORD_PART)) {
    end += part.length;
    if (space === undefined) {
      word = (word ?? '') + (raw ?? (escaped ?? plain ?? '').replace(/\\(.)/gs, '$1'));
      continue;
    }
    if (word !== null) words.push(word);
    word = null;
  }
  if (end < text.length) return { ok: false, problem: `has an unfinished quote or escape: ${text.slice(end)}` };
  if (word !== null) words.push(word);
  const [program = ''] = words;
  return program === '' ? { ok: false, problem: 'is empty' } : { ok: true, value: words };
}

function readQuantity(text: string, units: Readonly<Record<string, number>>): Read<number> {
  const match = QUANTITY.exec(text.trim());
  const names = Object.keys(units).join(', ');
  if (match === null) return { ok: false, problem: `is not a number with a unit (${names})` };
  const [, digits = '', name = ''] = match;
  if (name === '') return { ok: false, problem: `has no unit (${names})` };
  const key = name.toLowerCase();
  const factor = Object.hasOwn(units, key) ? units[key] : undefined;
  return factor === undefined
    ? { ok: false, problem: `has the unknown unit ${name} (allowed: ${names})` }
    : { ok: true, value: Number(digits) * factor };
}
