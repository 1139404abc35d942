import { describe, expect, it } from 'vitest';
import { readConfidence, readDuration, readHttpLine, readRate, readSize, splitCommand, type Read } from './quantities.ts';

function valueOf<T>(read: Read<T>): T | string {
  return read.ok ? read.value : `problem: ${read.problem}`;
}

describe('quantities', () => {
  it.each([
    ['250ms', 250],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['2 h', 7_200_000],
    ['30', 'problem: has no unit (ms, s, m, h, d)'],
    ['0s', 'problem: must be longer than 0'],
    ['5 minutes', 'problem: has the unknown unit minutes (allowed: ms, s, m, h, d)'],
    ['-5s', 'problem: is not a number with a unit (ms, s, m, h, d)'],
    ['5toString', 'problem: has the unknown unit toString (allowed: ms, s, m, h, d)'],
    ['500d', 'problem: is longer than a year'],
  ])('duration %s', (text, expected) => {
    expect(valueOf(readDuration(text))).toBe(expected);
  });

  it('sizes are 1024 based, rates are per second, confidence is a fraction', () => {
    expect(valueOf(readSize('1GB'))).toBe(2 ** 30);
    expect(valueOf(readRate('120rps'))).toBe(120);
    expect(valueOf(readConfidence('99%'))).toBeCloseTo(0.99);
    expect(valueOf(readConfidence(0.9))).toBe(0.9);
    expect(valueOf(readConfidence(95))).toBe('problem: is outside 50% to 100%');
    expect(valueOf(readRate('0rps'))).toBe('problem: must be more than 0');
  });
});

describe('request lines', () => {
  it.each([
    ['POST /a/${id}?q=${text with spaces}', { method: 'POST', path: '/a/${id}?q=${text with spaces}' }],
    ['get /a', 'problem: has the unknown method get (allowed: GET, POST, PUT, PATCH, DELETE, HEAD, OPTIONS)'],
    ['GET', 'problem: needs a method and a path'],
    ['GET a', 'problem: has the path a, which must begin with /'],
    ['GET /a b', 'problem: has a space, a # or a special character in the path; percent-encode it'],
  ])('%s', (text, expected) => {
    expect(valueOf(readHttpLine(text))).toEqual(expected);
  });
});

describe('commands', () => {
  it.each([
    ['node  a.js --x=1', ['node', 'a.js', '--x=1']],
    [`run "a b" 'c "d"' e\\ f`, ['run', 'a b', 'c "d"', 'e f']],
    [`--env="A=1 2" x''y ""`, ['--env=A=1 2', 'xy', '']],
    [`"a \\"b\\"" '\\n'`, ['a "b"', '\\n']],
    ['${gateway.url}/x', ['${gateway.url}/x']],
    ['node "a', 'problem: has an unfinished quote or escape: "a'],
    ['node a\\', 'problem: has an unfinished quote or escape: \\'],
    ['  ', 'problem: is empty'],
  ])('%s', (text, expected) => {
    expect(valueOf(splitCommand(text))).toEqual(expected);
  });
});
