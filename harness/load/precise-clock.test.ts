import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPreciseClock, type PreciseClock } from './precise-clock.ts';

let clock: PreciseClock;
beforeAll(async () => {
  clock = await startPreciseClock();
});
afterAll(async () => {
  await clock[Symbol.asyncDispose]();
});

describe('startPreciseClock', () => {
  it('calls in order of time, none too early', async () => {
    const startMs = clock.nowMs();
    const calls: { readonly afterMs: number; readonly reallyMs: number }[] = [];
    await Promise.all(
      [30.4, 5.2, 5.3, -1, 12, 30.1].map(
        (afterMs) =>
          new Promise<void>((resolve) => {
            clock.at(startMs + afterMs, () => {
              calls.push({ afterMs, reallyMs: clock.nowMs() - startMs });
              resolve();
            });
          }),
      ),
    );
    expect(calls.map(({ afterMs }) => afterMs)).toEqual([-1, 5.2, 5.3, 12, 30.1, 30.4]);
    expect(calls.filter(({ afterMs, reallyMs }) => reallyMs < afterMs)).toEqual([]);
  });

  it('does not call what was cancelled, and goes on with the next', async () => {
    const startMs = clock.nowMs();
    const calls: string[] = [];
    const cancel = clock.at(startMs + 2, () => calls.push('cancelled'));
    cancel();
    cancel();
    await new Promise<void>((resolve) => {
      clock.at(startMs + 6, () => {
        calls.push('next');
        resolve();
      });
    });
    expect(calls).toEqual(['next']);
  });

  it('takes new calls from within a call', async () => {
    let left = 50;
    await new Promise<void>((resolve) => {
      const again = (): void => {
        left -= 1;
        if (left === 0) resolve();
        else clock.at(clock.nowMs() + 0.3, again);
      };
      clock.at(clock.nowMs() + 1, again);
    });
    expect(left).toBe(0);
  });
});
