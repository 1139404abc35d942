import { expect, it } from 'vitest';
import { inParallel } from './in-parallel.ts';

const never = new AbortController().signal;

it('begins in order, so many at a time, and returns in order', async () => {
  const begun: number[] = [];
  const endings: (() => void)[] = [];
  const all = inParallel([0, 1, 2, 3], { width: 2, signal: never }, async (item) => {
    begun.push(item);
    await new Promise<void>((resolve) => endings.push(resolve));
    return item * 10;
  });
  expect(begun).toEqual([0, 1]);
  endings[1]?.();
  await until(() => begun.length === 3);
  expect(begun).toEqual([0, 1, 2]);
  endings[0]?.();
  endings[2]?.();
  await until(() => begun.length === 4);
  endings[3]?.();
  expect(await all).toEqual([0, 10, 20, 30]);
});

it('begins nothing after the signal, and keeps what was begun', async () => {
  const stop = new AbortController();
  const done = await inParallel([1, 2, 3], { width: 1, signal: stop.signal }, async (item) => {
    if (item === 2) stop.abort();
    return item;
  });
  expect(done).toEqual([1, 2]);
});

it('fails with the first failure', async () => {
  const failing = inParallel([1, 2], { width: 2, signal: never }, async (item) => {
    if (item === 2) throw new Error('no');
    return item;
  });
  await expect(failing).rejects.toThrow('no');
});

/** What is waited for takes a few turns of the loop, and no time. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
