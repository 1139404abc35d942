/** The process stops, and the work was given up so that another process can take it over. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Waits for `work`, but for no longer than `graceMs` once it is `stopped`. @throws Interrupted, or whatever `work` throws. */
export async function unlessStopped<T>(work: Promise<T>, stopped: AbortSignal, graceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let onStop: () => void = () => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    onStop = () => {
      timer = setTimeout(() => reject(new Interrupted('the process stops')), graceMs);
    };
    if (stopped.aborted) onStop();
    else stopped.addEventListener('abort', onStop, { once: true });
  });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener('abort', onStop);
  }
}
