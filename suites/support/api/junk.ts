import fc, { type Arbitrary } from 'fast-check';
import { asObject } from './json.ts';

const ODD_TEXTS = [
  '',
  ' ',
  '\0',
  '\n',
  '\u{1F600}',
  '\u202e',
  '__proto__',
  'null',
  'undefined',
  'NaN',
  '-1',
  '1e309',
  '2026-13-45',
  "' or 1=1 --",
  '%s%n',
  '${7*7}',
  '../../etc/passwd',
  'a'.repeat(5000),
];
const ODD_VALUES: readonly unknown[] = [null, true, 0, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, [], {}, [[]], [null]];
const BROKEN_TEXTS = ['{', '[', '{"a":', "{'a':1}", '{"a":01}', '\ufeff{', '{}{}', 'text', '[1e999', '['.repeat(2_000)];

/** Text as it comes from careless or hostile callers. Made once: that takes longer than many requests. */
export const JUNK_TEXT: Arbitrary<string> = fc.oneof(
  fc.constantFrom(...ODD_TEXTS),
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.uuid(),
);

/** What JSON can hold, odd values more often. */
const JUNK_VALUE: Arbitrary<unknown> = fc.oneof(fc.constantFrom(...ODD_VALUES), JUNK_TEXT, fc.jsonValue({ maxDepth: 3 }));

/** Text that no JSON parser takes: what was to be sent, cut off, or nothing like it. Never empty: many take that for no body at all. */
export function brokenJson(valid: Arbitrary<unknown>): Arbitrary<string> {
  const cut = fc.tuple(valid, fc.integer({ min: 1, max: 40 })).map(([value, length]) => {
    const text = JSON.stringify(asObject(value));
    return text.slice(0, Math.min(length, text.length - 1));
  });
  return fc.oneof(cut, fc.constantFrom(...BROKEN_TEXTS));
}

/** The value with one part of it, at any depth, replaced by junk, left out, or with something beside it. */
export function spoiled(value: Arbitrary<unknown>): Arbitrary<unknown> {
  return fc
    .tuple(value, fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }), JUNK_VALUE, fc.nat(3))
    .map(([whole, path, junk, how]) => spoil(whole, path, { junk, how }));
}

interface Spoiling {
  readonly junk: unknown;
  readonly how: number;
}

function spoil(value: unknown, [step, ...rest]: readonly number[], spoiling: Spoiling): unknown {
  if (step === undefined || typeof value !== 'object' || value === null) return spoiling.junk;
  const keys = Object.keys(value);
  const key = keys[step % Math.max(1, keys.length)];
  if (key === undefined) return spoiling.junk;
  if (Array.isArray(value)) return value.map((item: unknown, index) => (String(index) === key ? spoil(item, rest, spoiling) : item));
  const { [key]: child, ...others } = asObject(value);
  if (spoiling.how === 0 && rest.length === 0) return others;
  if (spoiling.how === 1 && rest.length === 0) return { ...others, [key]: child, [`${key}2`]: spoiling.junk };
  return { ...others, [key]: spoil(child, rest, spoiling) };
}
