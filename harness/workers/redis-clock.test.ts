import { expect, test } from 'vitest';
import { requireCloseEnough } from './redis-clock.ts';

test('a clock that is not known closely enough begins no load', () => {
  expect(requireCloseEnough({ offsetMs: 5, errorMs: 25 })).toEqual({ offsetMs: 5, errorMs: 25 });
  expect(() => requireCloseEnough({ offsetMs: 5, errorMs: 40.2 })).toThrow(/± 40 ms only, and 25 ms are allowed/u);
});
