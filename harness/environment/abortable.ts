import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What `work` comes to. Once the signal has aborted it gets `graceMs` more to come to its own end; then it goes on without anybody.
 * @throws the signal's reason when the grace is over.
 */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  const over = new AbortController();
  const abandoned = abandon(signal, graceMs, over.signal);
  try {
    return await Promise.race([work, abandoned]);
  } finally {
    abandoned.catch(() => undefined); // nobody waits for it any more
    over.abort();
  }
}

async function abandon(signal: AbortSignal, graceMs: number, over: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort', { signal: over });
  await delay(graceMs, undefined, { signal: over });
  throw signal.reason;
}
