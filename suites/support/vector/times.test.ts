import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../../harness/index.ts';
import { at, boundRun, type BoundRun } from '../testing/bound-run.ts';
import { askUntilTaken } from '../turned-away.ts';
import { timesOfSearches } from './times.ts';

const open: BoundRun[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

const quick = { atMs: 1, ms: 20, refused: null, isTurnedAway: false };
const failed = { atMs: 2, ms: 5, refused: 'status 500', isTurnedAway: false };
const busy = { atMs: 3, ms: 1, refused: 'status 429', isTurnedAway: true };
const of = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);

describe('the times of searches', () => {
  it('hold a failure against the target, and no refusal', () => {
    const times = timesOfSearches([...of(97, quick), ...of(2, failed), busy]).map(({ ms }) => ms);
    expect(times).toEqual([...of(97, 20), 10_000, 10_000]);
  });

  it('are not known where many were turned away', () =>
    expect(() => timesOfSearches([...of(80, quick), ...of(20, busy)])).toThrow('20 of 100 searches were turned away (status 429)'));
});

async function askedOf(refusals: number): Promise<readonly [Answer, number]> {
  let asked = 0;
  const bound = await boundRun({}, () => ({ status: asked++ < refusals ? 429 : 200, json: {}, headers: { 'retry-after': '0' } }));
  open.push(bound);
  const answer = await askUntilTaken(() => bound.run.target.request(at('POST /search', {}), { workspace: 'w' }), bound.run.signal);
  return [answer, asked];
}

it('asks again as long as it is turned away, and not for ever', async () => {
  expect(await askedOf(2)).toMatchObject([{ status: 200 }, 3]);
  expect(await askedOf(99)).toMatchObject([{ status: 429 }, 5]);
});
