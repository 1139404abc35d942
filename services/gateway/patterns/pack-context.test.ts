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

  it('keeps a gap as a gap, and what only one record has', () => {
    expect(packContext({ r: [{ a: 1 }, { a: null, b: false }] })).toBe('r (2): a,b\n1,\n,false');
  });

  it('says how many there were when records are repeated', () => {
    const twice = { a: 1, b: { deep: [1, 2] } };
    expect(packContext({ r: [twice, twice, { a: 2, b: 'x' }] })).toBe('r (3): a,b\n1,{"deep":[1,2]}\n2,x');
    expect(packContext({ r: [twice, twice] })).toBe('r (2), all a=1, b={"deep":[1,2]}');
  });

  it('leaves out what is empty, and keeps everything else', () => {
    expect(packContext({ a: '', b: null, c: [], d: {}, e: 0, f: [1, 'two'], g: { h: 1 } })).toBe('e: 0\nf: [1,"two"]\ng: {"h":1}');
    expect(packContext({ a: null })).toBe('');
  });
});
