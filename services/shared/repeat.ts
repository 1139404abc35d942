import { setTimeout as delay } from 'node:timers/promises';

export interface Repeater {
  /** Runs the next round now instead of at the next tick; a wake during a round starts another one after it. */
  readonly wake: () => void;
  /** Resolves when the round that runs has ended; no further one starts. */
  stop(): Promise<void>;
}

/**
 * Repeats `round`, one at a time, every `everyMs` or when woken. A round that throws is reported and the next one still comes:
 * this is what makes background work survive a dependency that is away.
 */
export function repeat(round: (stopped: AbortSignal) => Promise<void>, everyMs: number, onError: (error: unknown) => void): Repeater {
  const stopped = new AbortController();
  let sleep = new AbortController();
  let woken = false;

  const loop = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      woken = false;
      try {
        await round(stopped.signal);
      } catch (error) {
        onError(error);
      }
      if (!woken && !stopped.signal.aborted) await pause();
    }
  };
  const pause = async (): Promise<void> => {
    sleep = new AbortController();
    try {
      await delay(everyMs, undefined, { signal: sleep.signal });
    } catch (error) {
      if (!sleep.signal.aborted) throw error;
    }
  };
  const done = loop();
  return {
    wake: () => {
      woken = true;
      sleep.abort();
    },
    stop: async () => {
      stopped.abort();
      sleep.abort();
      await done;
    },
  };
}
