import { describe, expect, it } from 'vitest';
import { raceProblems } from './context-rollback.ts';

const accepted = (version: number, value: string) => ({ seen: 'accepted', version, value }) as const;
const refused = { seen: 'refused', version: null, value: 'r' } as const;

describe('changes that were made at once', () => {
  it('are right when each has a version and the last one is there', () => {
    const heads = { before: { version: 4 }, after: { version: 6, value: 'b' } };
    expect(raceProblems('c', [accepted(5, 'a'), accepted(6, 'b'), refused], heads)).toEqual([]);
  });

  it('are wrong when two have one version, or the last is not what is there', () => {
    expect(raceProblems('c', [accepted(5, 'a'), accepted(5, 'b')], { before: { version: 4 }, after: { version: 5, value: 'b' } })).toEqual([
      'c: accepted as versions 5, 5, one of them twice',
      'c: 2 were accepted after version 4, and version 5 is there',
      'c: version 5 holds b, it was given for a',
    ]);
    expect(raceProblems('c', [accepted(5, 'a')], { before: { version: 4 }, after: { version: 5, value: 'r' } })).toEqual([
      'c: version 5 holds r, it was given for a',
    ]);
  });
});
