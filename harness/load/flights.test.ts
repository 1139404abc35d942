import { describe, expect, it } from 'vitest';
import { closedLoop } from './closed-loop.ts';
import type { Action } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';

/** Ten operations, one after the other; only the last never answers and is timed out. Returns the signals they got. */
async function signalsOf(listen: (signal: AbortSignal, index: number) => void): Promise<AbortSignal[]> {
  const clock = new VirtualClock();
  const signals: AbortSignal[] = [];
  const action: Action = ({ index }, signal) => {
    signals.push(signal);
    listen(signal, index);
    return index === 9 ? new Promise(() => undefined) : Promise.resolve({ outcome: 'ok' });
  };
  const running = closedLoop({ agents: 1, perAgent: 10, timeoutMs: 100, action, clock });
  await clock.advanceTo(10_000);
  await running;
  return signals;
}

describe('the signal of an action', () => {
  it('is not heard by a listener that an earlier action left behind', async () => {
    const heard: number[] = [];
    const signals = await signalsOf((signal, index) => signal.addEventListener('abort', () => heard.push(index)));
    expect(heard).toEqual([9]);
    expect(new Set(signals).size).toBe(10);
  });

  it('is used again when nobody listens to it any more', async () => {
    const signals = await signalsOf(() => undefined);
    expect(new Set(signals).size).toBeLessThan(10);
    expect(signals[9]?.aborted).toBe(true);
  });
});
