import { expect, it } from 'vitest';
import { Interrupted, unlessStopped } from './unless-stopped.ts';

const NEVER = new Promise<never>(() => undefined);

it('waits for the work as long as nobody stops it', async () => {
  expect(await unlessStopped(Promise.resolve(7), new AbortController().signal, 1)).toBe(7);
  await expect(unlessStopped(Promise.reject(new Error('no')), new AbortController().signal, 1)).rejects.toThrow('no');
});

it('gives up when stopped, also when it was before', async () => {
  const stop = new AbortController();
  const waiting = unlessStopped(NEVER, stop.signal, 1);
  stop.abort();
  await expect(waiting).rejects.toThrow(Interrupted);
  await expect(unlessStopped(NEVER, stop.signal, 1)).rejects.toThrow(Interrupted);
});

it('lets work end within its grace', async () => {
  const work = new Promise((resolve) => setTimeout(() => resolve('done'), 5));
  expect(await unlessStopped(work, AbortSignal.abort(), 5000)).toBe('done');
});
