import { describe, expect, it } from 'vitest';
import { evaluateExpression, expressionHolds, parseExpression, type ParsedExpression } from './expression.ts';

function parsed(text: string): ParsedExpression {
  const result = parseExpression(text);
  if (!result.ok) throw new Error(`"${text}" ${result.problem}`);
  return result.expression;
}

const answer: unknown = JSON.parse(
  '{"success":true,"n":3,"zero":0,"none":null,"status":"not ready","a":{"b":[{"c":"x"},{"c":"y"}]},"ids":["1","2"],"own":{"constructor":"mine"},"__proto__":{"hidden":1}}',
);

describe('paths', () => {
  it.each([
    ['n', 3],
    ['a.b[1].c', 'y'],
    ['a.b.0.c', 'x'],
    ['ids[0]', '1'],
    ['ids.length', 2],
    ['none', null],
    ['missing', undefined],
    ['a.missing.deeper', undefined],
    ['a.b[7].c', undefined],
    ['n.toFixed', undefined],
    ['status.length', undefined],
    ['$.n', 3],
    ['own.constructor', 'mine'],
  ])('%s reads its value', (text, value) => {
    expect(evaluateExpression(parsed(text), answer)).toEqual(value);
  });

  it('`$` is the whole answer and `$[0]` the first entry of a list', () => {
    expect(evaluateExpression(parsed('$'), [1])).toEqual([1]);
    expect(evaluateExpression(parsed('$[0]'), [1])).toBe(1);
    expect(evaluateExpression(parsed('[0].id'), [{ id: 9 }])).toBe(9);
  });

  it.each(['__proto__', '__proto__.hidden', 'constructor', 'constructor.name', 'a.hasOwnProperty', 'ids.push', 'toString'])(
    'never reaches a prototype through %s',
    (text) => {
      expect(evaluateExpression(parsed(text), answer)).toBeUndefined();
    },
  );

  it.each([undefined, null, 'text', 7, true])('finds nothing in the answer %s', (json) => {
    expect(evaluateExpression(parsed('a.b'), json)).toBeUndefined();
    expect(evaluateExpression(parsed('a.b != 1'), json)).toBe(false);
  });
});

describe('comparisons', () => {
  it.each([
    ['success == true', true],
    ['success == "true"', false],
    ['success != false', true],
    ['n == 3', true],
    ['n==3', true],
    ['n < 3', false],
    ['n <= 3', true],
    ['n > 2.5', true],
    ['n >= 4', false],
    ['zero == 0', true],
    ['none == null', true],
    ['status == "not ready"', true],
    ["status == 'not ready'", true],
    ['status > 1', false],
    ['a.b[0].c == x', true],
    ['missing == null', false],
    ['missing != 1', false],
    ['missing < 1', false],
  ])('%s is %s', (text, value) => {
    expect(evaluateExpression(parsed(text), answer)).toBe(value);
  });

  it('a bare path holds when it leads to something', () => {
    expect(expressionHolds(parsed('success'), answer)).toBe(true);
    expect(expressionHolds(parsed('zero'), answer)).toBe(false);
    expect(expressionHolds(parsed('missing'), answer)).toBe(false);
  });
});

describe('mistakes', () => {
  it.each([
    ['', 'is empty'],
    ['a = 1', 'unknown operator `=`'],
    ['a === 1', 'unknown operator `===`'],
    ['a ==', 'nothing on the right'],
    ['== 1', 'an empty name'],
    ['a..b', 'an empty name'],
    ['a.b[x]', '`b[x]`'],
    ['a b', '`a b`'],
    ['a == "x', 'unfinished text'],
    ['a == two words', 'in quotes'],
    ['a < high', 'needs a number'],
  ])('%j is refused: %s', (text, problem) => {
    const result = parseExpression(text);
    expect(result.ok ? 'accepted' : result.problem).toContain(problem);
  });
});
