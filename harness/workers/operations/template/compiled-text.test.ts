import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonTemplate } from '../../../model/target.ts';
import { encodeHeaderPart, encodePathPart, fillHeader, fillJson, fillPath, fillText } from '../../../model/template.ts';
import { compile, jsonPieces, textPieces } from './compiled-text.ts';

const TEXTS = ['', 'plain', '${a}', '${b}', 'x ${a} "y" ${b}\n', '${a}${a}', '$${a}', 'a $${a} ${ a } \\', '${c}'];
const text = fc.oneof(fc.constantFrom(...TEXTS), fc.string());
const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean());
const names = fc.record({ a: value, b: value, c: value });
const template = fc.letrec<{ json: JsonTemplate }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('json')),
    fc.dictionary(fc.string(), tie('json')),
  ),
})).json;

/** `c` is the same in every call. */
const known = (c: JsonTemplate) => ({ constants: { c }, given: ['a', 'b'] });

describe('a compiled template', () => {
  it('gives the same JSON as filling it each time', () => {
    fc.assert(
      fc.property(template, names, (json, variables) => {
        fc.pre(!JSON.stringify(json).includes('__proto__'));
        const compiled = compile(jsonPieces(json), known(variables.c));
        expect(compiled.render(variables)).toBe(JSON.stringify(fillJson(json, variables)));
      }),
    );
  });

  it.each([
    ['text', (one: string) => one, fillText],
    ['path', encodePathPart, fillPath],
    ['header', encodeHeaderPart, fillHeader],
  ] as const)('gives the same %s as filling it each time', (_kind, encode, fill) => {
    fc.assert(
      fc.property(fc.constantFrom(...TEXTS), names, (one, variables) => {
        expect(compile(textPieces(one, encode), known(variables.c)).render(variables)).toBe(fill(one, variables));
      }),
    );
  });

  it('takes lists and objects where the placeholder is the whole value, and nowhere else', () => {
    const compiled = compile(jsonPieces({ list: '${a}' }), known(''));
    expect(compiled.render({ a: [1, { x: 2 }] })).toBe('{"list":[1,{"x":2}]}');
    expect(() => compile(jsonPieces('in ${a}'), known('')).render({ a: [] })).toThrow(/"a" stands within a text/);
  });

  it('names what a call must give, and refuses what nobody gives', () => {
    expect(compile(jsonPieces({ x: '${a} ${c}', y: '${b}' }), known('')).names).toEqual(['a', 'b']);
    expect(() => compile(jsonPieces('${d}'), known(''))).toThrow(/uses the variable "d", which a load does not give it/);
  });
});
