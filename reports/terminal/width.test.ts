import { describe, expect, it } from 'vitest';
import { displayWidth, fit, padTo, wrap } from './width.ts';

describe('displayWidth', () => {
  it('counts wide characters twice and combining marks not at all', () => {
    expect(['abc', '漢字', 'e\u0301', '🚀'].map(displayWidth)).toEqual([3, 4, 1, 2]);
  });
});

describe('fit', () => {
  it('never exceeds the columns, also when a wide character does not fit', () => {
    expect([fit('abc', 3), fit('abcd', 3), fit('漢字漢', 4), fit('abc', 0)]).toEqual(['abc', 'ab…', '漢…', '']);
  });
});

describe('padTo', () => {
  it('fills up to the columns', () => {
    expect([padTo('漢', 4), padTo('abcd', 2)]).toEqual(['漢  ', 'abcd']);
  });
});

describe('wrap', () => {
  it('breaks at spaces', () => {
    expect(wrap('one two three', 7)).toEqual(['one two', 'three']);
  });

  it('breaks long words and loses nothing', () => {
    expect(wrap('a 0123456789 b', 4)).toEqual(['a', '0123', '4567', '89 b']);
  });
});
