import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { abortable } from './abortable.ts';

const never = (): Promise<never> => new Promise(() => undefined);

describe('abortable', () => {
  it('is what the work comes to, in the grace too', async () => {
    expect(await abortable(Promise.resolve(7), new AbortController().signal, 0)).toBe(7);
    expect(await abortable(delay(5, 7), AbortSignal.abort(new Error('stopped')), 10_000)).toBe(7);
    await expect(abortable(Promise.reject(new Error('broken')), new AbortController().signal, 0)).rejects.toThrow('broken');
  });

  it('does not wait for ever for what does not heed the signal', async () => {
    const abort = new AbortController();
    const waiting = abortable(never(), abort.signal, 10);
    abort.abort(new Error('stopped'));
    await expect(waiting).rejects.toThrow('stopped');
    await expect(abortable(never(), abort.signal, 0)).rejects.toThrow('stopped');
  });
});
