import { expect, it } from 'vitest';
import { engineTime } from './log-follower.ts';

it('keeps the nanoseconds of a time of the engine', () => {
  expect(engineTime('2026-11-21T18:03:31.149000123Z')).toBe('1795284211.149000123');
  expect(engineTime('2026-11-21T18:03:31.1Z')).toBe('1795284211.100000000');
});

it('begins at the beginning when the engine names no time', () => {
  expect(engineTime('0001-01-01T00:00:00Z')).toBe('0');
  expect(engineTime('')).toBe('0');
});
