import { expect, it } from 'vitest';
import { markedId, markedPrefix, markOf } from './mark.ts';

it('is the same for a run, and another for each', () => {
  expect(markOf('20261122-041613-b5d6')).toBe(markOf('20261122-041613-b5d6'));
  expect(markOf('20261122-041613-b5d6')).not.toBe(markOf('20261122-041613-b5d7'));
  expect(markOf('a run')).toMatch(/^[0-9a-f]{12}$/);
});

it('begins ids that are UUIDs of the fourth version, and never the same', () => {
  const mark = markOf('a run');
  const ids = Array.from({ length: 100 }, () => markedId(mark));
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(id.startsWith(markedPrefix(mark))).toBe(true);
  }
});
