import { describe, expect, it } from 'vitest';
import { NotMeasured, type RunningService } from '../../harness/index.ts';
import { requireRunning } from './require-running.ts';

/** A run whose service is as the list says, look after look; the last one stays. */
function runOf(running: readonly boolean[]): Parameters<typeof requireRunning>[0] {
  const left = [...running];
  return {
    signal: new AbortController().signal,
    service: async () => ({ running: left.length > 1 ? left.shift() : left[0] }) as RunningService,
  };
}

describe('requireRunning', () => {
  it('says that nothing was measured when the service is gone, and when its exit becomes known a moment later', async () => {
    await expect(requireRunning(runOf([false]), 'web')).rejects.toThrow(new NotMeasured('web exited while it was looked at'));
    await expect(requireRunning(runOf([true, true, false]), 'web')).rejects.toBeInstanceOf(NotMeasured);
  });

  it('lets what was seen count when the service goes on running', async () => {
    await expect(requireRunning(runOf([true]), 'web')).resolves.toBeUndefined();
  });
});
