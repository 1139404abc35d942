import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packContext } from './pack-context.ts';

describe('packContext', () => {
  it('names the columns of records once, and what they have in common', () => {
    const records = [
      { id: 1, name: 'Bay', county: 'Broward' },
      { id: 2, name: 'Coral, LLC', county: 'Broward' },
    ];
    expect(packContext({ region: 'south', records })).toBe(
      'region: south\nrecords (2), all county=Broward: id,name\n1,Bay\n2,"Coral, LLC"',
    );
  });

  it('tells what is not there from what is the same as above', () => {
    expect(packContext({ r: [{ a: 1 }, { a: null, b: false }, { b: false }] })).toBe('r (3): a,b\n1,-\n-,false\n,');
  });

  it('keeps records that are repeated in their places', () => {
    const [a, b] = [
      { a: 1, b: { deep: [1, 2] } },
      { a: 2, b: 'x' },
    ];
    expect(packContext({ r: [a, a, b] })).toBe('r (3): a,b\n1,{"deep":[1,2]}\n,\n2,x');
    expect(packContext({ r: [b, a, b] })).toBe('r (3): a,b\n2,x\n1,{"deep":[1,2]}\n2,x');
    expect(packContext({ r: [a, a] })).toBe('r (2), all a=1, b={"deep":[1,2]}');
  });

  it('leaves out what is null, and keeps what is empty', () => {
    expect(packContext({ a: '', b: null, c: [], d: {}, e: 0, f: [1, 'two'], g: { h: 1 } })).toBe(
      'a: ""\nc: []\nd: {}\ne: 0\nf: [1,"two"]\ng: {"h":1}',
    );
    expect(packContext({ a: null })).toBe('');
  });

  it('quotes a text that reads as something else', () => {
    expect(packContext({ a: '1', b: 'true', c: '[1]', d: 'null', e: ' x', f: 'yes: 1' })).toBe(
      'a: "1"\nb: "true"\nc: "[1]"\nd: "null"\ne: " x"\nf: yes: 1',
    );
  });

  it('packs alike only what its docstring says', () => {
    const text = fc.array(fc.constantFrom('a', '1', '-', ',', ':', ' ', '\n', '"', '[', '=', '(', ')', 'null'), { maxLength: 3 });
    const scalar = fc.oneof(
      text.map((parts) => parts.join('')),
      fc.constantFrom<unknown>(1, -1, 12, true, null, [], {}, [1]),
    );
    const names = fc.constantFrom('a', 'b', '', 'a,b', 'a (2)', 'r');
    const record = fc.dictionary(names, scalar, { maxKeys: 2 });
    const context = fc.oneof(scalar, fc.dictionary(names, fc.oneof(scalar, fc.array(record, { maxLength: 3 })), { maxKeys: 3 }));
    fc.assert(
      fc.property(fc.array(context, { minLength: 100, maxLength: 200 }), (contexts) => {
        const meanings = new Map<string, string>();
        for (const each of contexts) {
          const [packed, meaning] = [packContext(each), meaningOf(each)];
          expect(meanings.get(packed) ?? meaning, packed).toBe(meaning);
          meanings.set(packed, meaning);
        }
      }),
    );
  });
});

/** The same for contexts that differ only in the order of keys, or in what is null and what is absent in the context or a record of it. */
function meaningOf(context: unknown): string {
  const isFields = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
  const filled = (value: unknown): unknown =>
    isFields(value)
      ? Object.entries(value)
          .filter(([, each]) => each !== null)
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
      : value;
  const inside = (value: unknown): unknown => {
    const records: readonly unknown[] = Array.isArray(value) ? value : [];
    return records.length > 1 && records.every(isFields) ? ['records', ...records.map(filled)] : value;
  };
  if (!isFields(context)) return JSON.stringify(context);
  return JSON.stringify({ fields: Object.entries(context).flatMap(([name, value]) => (value === null ? [] : [[name, inside(value)]])) });
}
