/** A sampler at work. `stop` (or disposal) ends it and resolves when the last sample is in. */
export interface Sampler<T> extends AsyncDisposable {
  /** All samples so far, in time order. */
  readonly samples: readonly T[];
  stop(): Promise<readonly T[]>;
}

export interface SamplingOptions<T> {
  readonly intervalMs: number;
  /** Takes one sample; never rejects for what the target does: a gap is a sample too. */
  readonly take: () => T | Promise<T>;
  /** Called once, after the last sample, also when that could not be taken. */
  readonly close?: () => Promise<void>;
}

/** Takes a sample now and then every `intervalMs`; never two at a time. */
export function startSampling<T>(options: SamplingOptions<T>): Sampler<T> {
  const samples: T[] = [];
  const ending = new AbortController();

  async function loop(): Promise<void> {
    try {
      while (!ending.signal.aborted) {
        const startedAtMs = performance.now();
        samples.push(await options.take());
        await pause(options.intervalMs - (performance.now() - startedAtMs), ending.signal);
      }
    } finally {
      await options.close?.();
    }
  }

  const running = loop();
  // Awaited by stop; until then a failure must not become an unhandled rejection that ends the process.
  running.catch(() => undefined);

  async function stop(): Promise<readonly T[]> {
    ending.abort();
    await running;
    return samples;
  }

  return {
    samples,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}

/** Until the time is over, a millisecond at least, or the signal aborts. */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, Math.max(1, ms));
    timer.unref();
    signal.addEventListener('abort', done);
  });
}
