import { describe, expect, it } from 'vitest';
import { markOf } from '../../model/mark.ts';
import { isSigned, lockKey, MARKED, markedName, markIn, signature } from './names.ts';

const MARK = markOf('a run');

describe('names', () => {
  it.each(['scratch', 'isolation'] as const)('of kind %s carry the mark and are found again', (kind) => {
    const name = markedName(kind, MARK);
    expect(markIn(name)).toBe(MARK);
    expect(name).toMatch(new RegExp(MARKED));
    expect(name.length).toBeLessThan(64);
  });

  it.each([
    'muster',
    'muster_app',
    'muster_admin',
    'muster_scratch_production',
    `muster_scratch_${MARK}`,
    `muster_scratch_${MARK}_abcdef_backup`,
    `my_muster_scratch_${MARK}_abcdef`,
    `muster_scratch_${MARK.toUpperCase()}_ABCDEF`,
    `muster_other_${MARK}_abcdef`,
    `muster_scratch_${MARK}_abcdeg`,
    `muster_scratch_${MARK}_abcdef\n`,
  ])('that others gave are left alone: %j', (name) => {
    expect(markIn(name)).toBeNull();
  });
});

it('leaves alone what somebody else has signed', () => {
  expect(isSigned(signature(MARK, new Date(0)))).toBe(true);
  expect(isSigned(null)).toBe(true);
  expect(isSigned('')).toBe(false);
  expect(isSigned('the shop of my uncle')).toBe(false);
});

it('has a lock key that is a positive bigint', () => {
  expect(BigInt(lockKey('ffffffffffff'))).toBeLessThan(2n ** 63n);
  expect(BigInt(lockKey('000000000000'))).toBeGreaterThan(0n);
});
