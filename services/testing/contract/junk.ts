import fc, { type Arbitrary } from 'fast-check';
import type { Json } from './document.ts';

/** Text as it comes from careless or hostile callers. */
export function junkText(): Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(
      '',
      ' ',
      '\0',
      '\n',
      '\u{1F600}',
      '\ud800',
      '\u202e',
      '__proto__',
      'constructor',
      'null',
      'undefined',
      'NaN',
      '-0',
      '1e309',
      '2026-13-45',
      "' or 1=1 --",
      '%s%n',
      '${7*7}',
      '../../etc/passwd',
      'a'.repeat(5000),
    ),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ maxLength: 40 }),
    fc.uuid(),
  );
}

/** Values that JSON can hold, odd ones more often. */
export function junkJson(): Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>(null, true, 0, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, -1e308, [], {}, [[]], [null], { __proto__: null }),
    junkText(),
    fc.jsonValue({ maxDepth: 3 }),
    fc.integer({ min: 1, max: 80 }).map((depth) => nested(depth)),
  );
}

/** Text that a JSON parser gets to see: JSON, almost JSON, or nothing like it. */
export function junkBody(): Arbitrary<string> {
  return fc.oneof(
    junkJson().map((value) => JSON.stringify(value) ?? ''),
    fc.tuple(junkJson(), fc.nat(40)).map(([value, cut]) => (JSON.stringify(value) ?? '').slice(0, cut)),
    fc.constantFrom(
      '{"a":1,"a":2}',
      '{"__proto__":{"admin":true}}',
      '[1e999]',
      '{"a":01}',
      "{'a':1}",
      '\ufeff{}',
      '{}{}',
      '"\\ud800"',
      '"\\u0000"',
      '['.repeat(20_000),
    ),
    fc.string({ unit: 'binary', maxLength: 200 }),
  );
}

/** The value with one part of it, at any depth, replaced by junk, left out, or doubled. */
export function spoiled(value: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(value, fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), junkJson(), fc.nat(3))
    .map(([whole, path, junk, how]) => spoil(whole, path, junk, how));
}

function spoil(value: unknown, [step, ...rest]: readonly number[], junk: unknown, how: number): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return junk;
  const keys = Object.keys(value);
  if (keys.length === 0) return junk;
  const key = keys[step % keys.length] ?? '';
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === key ? spoil(item, rest, junk, how) : item));
  const { [key]: child, ...others } = value as Json;
  if (how === 0 && rest.length === 0) return others;
  if (how === 1 && rest.length === 0) return { ...others, [key]: child, [`${key}2`]: junk };
  return { ...others, [key]: spoil(child, rest, junk, how) };
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 === 0 ? [value] : { a: value };
  return value;
}
