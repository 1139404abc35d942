import { describe, expect, it } from 'vitest';
import { HOSTILE_LINES } from './fixtures/record-no-go.ts';
import { byteLength, clip, excerpt, groupDigits, oneLine, plural, sanitise } from './text.ts';

const ESC = String.fromCodePoint(0x1b);
const BEL = String.fromCodePoint(7);

describe('sanitise', () => {
  it.each([
    ['colours', `${ESC}[31mred${ESC}[0m`, 'red'],
    ['cursor movement', `a${ESC}[2J${ESC}[1;1Hb`, 'ab'],
    ['a window title', `${ESC}]0;title${BEL}x`, 'x'],
    ['a hyperlink', `${ESC}]8;;http://x${ESC}\\text${ESC}]8;;${ESC}\\`, 'text'],
    ['an unfinished sequence, up to the end of the line', `${ESC}]0;title\nnext`, '\nnext'],
    ['a bare escape', `a${ESC}`, 'a'],
    ['the 8-bit sequence introducer', 'a\u009b31mb', 'a31mb'],
    ['bidirectional overrides', '\u202ereversed\u202c \u2066x\u2069', 'reversed x'],
    ['invisible characters', 'zero\u200bwidth\ufeff\u2060', 'zerowidth'],
    ['tag characters', 'a\u{e0041}b', 'ab'],
    ['halves of surrogate pairs', 'a\ud800b\udc00c', 'abc'],
    ['null and bell', `a\u0000b${BEL}c`, 'abc'],
  ])('takes out %s', (_, given, expected) => {
    expect(sanitise(given)).toBe(expected);
  });

  it('keeps letters of every script, emoji, tabs and line feeds, and unifies line ends', () => {
    expect(sanitise('é 漢 ع 🚀\ta\r\nb\rc\u2028d')).toBe('é 漢 ع 🚀\ta\nb\nc\nd');
  });

  it('leaves nothing to take out a second time', () => {
    for (const line of HOSTILE_LINES) expect(sanitise(sanitise(line))).toBe(sanitise(line));
  });
});

describe('oneLine', () => {
  it('joins lines and trims', () => {
    expect(oneLine('  a\r\n\t b\u2029c ')).toBe('a b c');
  });
});

describe('clip', () => {
  it('counts characters, not UTF-16 units, and marks what was cut', () => {
    expect(clip('abc', 3)).toBe('abc');
    expect(clip('abcd', 3)).toBe('ab…');
    expect(clip('🚀🚀🚀', 3)).toBe('🚀🚀🚀');
    expect(clip('🚀🚀🚀', 2)).toBe('🚀…');
    expect(clip('abc', 0)).toBe('');
  });
});

describe('excerpt', () => {
  it('is the clipped line, and marks the cut also when only invisible text follows or precedes', () => {
    expect(excerpt(' a\nb ', 10)).toBe('a b');
    expect(excerpt('abcdef', 4)).toBe('abc…');
    expect(excerpt(`ab${'\u200b'.repeat(1000)}cd`, 10)).toBe('ab …');
  });
});

describe('numbers in text', () => {
  it('groups thousands, not decimals', () => {
    expect([1, 999, 1000, 1234567, 1234.5678, -4321].map(groupDigits)).toEqual(['1', '999', '1,000', '1,234,567', '1,234.5678', '-4,321']);
  });

  it('uses the singular only for one', () => {
    expect([plural(0, 'check'), plural(1, 'check'), plural(2, 'criterion', 'criteria')]).toEqual(['0 checks', '1 check', '2 criteria']);
  });

  it('measures UTF-8', () => {
    expect(byteLength('a…')).toBe(4);
  });
});
