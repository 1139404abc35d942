import { describe, expect, it } from 'vitest';
import type { Answer } from '../../harness/index.ts';
import { patience } from './turned-away.ts';

const { signal } = new AbortController();

/** Somebody who turns the first `times` away, and counts who came. */
function turningAway(times: number): { readonly request: () => Promise<Answer>; readonly came: () => number } {
  let count = 0;
  const request = async (): Promise<Answer> => {
    count += 1;
    const outcome = count > times ? 'ok' : 'shed';
    return {
      outcome,
      status: outcome === 'ok' ? 200 : 503,
      headers: { 'retry-after': '0' },
      json: undefined,
      text: '',
      durationMs: 1,
      error: null,
    };
  };
  return { request, came: () => count };
}

describe('patience', () => {
  it('asks again until it is taken, five times at most', async () => {
    const ask = patience(100, signal);
    const [soon, never] = [turningAway(3), turningAway(100)];
    expect([(await ask(soon.request)).status, soon.came()]).toEqual([200, 4]);
    expect([(await ask(never.request)).status, never.came()]).toEqual([503, 5]);
  });

  it('has an end for all requests together, and asks what is taken once', async () => {
    const ask = patience(6, signal);
    const all = [turningAway(0), turningAway(100), turningAway(100), turningAway(100)];
    for (const { request } of all) await ask(request);
    expect(all.map(({ came }) => came())).toEqual([1, 5, 3, 1]);
  });

  it('is over when the run is', async () => {
    const { request, came } = turningAway(100);
    await patience(6, AbortSignal.abort())(request);
    expect(came()).toBe(1);
  });
});
