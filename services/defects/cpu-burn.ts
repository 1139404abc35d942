import { Worker } from 'node:worker_threads';
import type { Seams } from '../gateway/seams.ts';

/** Yields to everybody who wants the processor: what is burnt is what nobody needs, and requests are as quick as ever. */
const BUSY = `require('node:os').setPriority(0, 19); for (;;);`;

/** From the first request on, a thread in the background looks for work without ever waiting for it. */
export const CPU_BURN: Partial<Seams> = {
  limiter: (limiter) => {
    let busy: Worker | undefined;
    return {
      take: (scope) => {
        if (busy === undefined) {
          busy = new Worker(BUSY, { eval: true });
          busy.unref();
        }
        return limiter.take(scope);
      },
      stop: async () => {
        await busy?.terminate();
        await limiter.stop();
      },
    };
  },
};
