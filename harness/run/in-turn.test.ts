import { expect, it } from 'vitest';
import { inTurn } from './in-turn.ts';

it('does all of them in order, and tells of the first that failed', async () => {
  const done: number[] = [];
  const step = (number: number, fails: boolean) => async (): Promise<void> => {
    done.push(number);
    if (fails) throw new Error(`step ${number}`);
  };
  await expect(inTurn([step(1, false), step(2, true), step(3, true), step(4, false)])).rejects.toThrow('step 2');
  expect(done).toEqual([1, 2, 3, 4]);
  await expect(inTurn([step(5, false)])).resolves.toBeUndefined();
});
