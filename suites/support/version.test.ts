import { describe, expect, it } from 'vitest';
import { satisfies } from './version.ts';

describe('satisfies', () => {
  it.each([
    ['15.18', '>=15', true],
    ['14.9', '>=15', false],
    ['7.0.15', '>=7', true],
    ['7.0.15', '>7.0.15', false],
    ['7.10.0', '>7.9', true],
    ['8.0', '<8', false],
    ['17', '==17.0', true],
    ['15.18 (Debian 15.18-0+deb12u1)', '15', true],
    ['6.2', '7', false],
    ['15', 'newest', false],
  ])('%s against %s is %s', (version, range, expected) => {
    expect(satisfies(version, range)).toBe(expected);
  });
});
