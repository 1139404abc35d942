import { setTimeout as delay } from 'node:timers/promises';

/** Between two looks at something that gives no event. */
const LOOK_EVERY_MS = 50;

/**
 * Looks until `done` holds or the time is up; resolves with the last thing seen either way. For stores that give no
 * event to wait for.
 */
export async function lookUntil<T>(
  look: () => Promise<T>,
  done: (seen: T) => boolean,
  { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (done(seen) || performance.now() >= end || signal.aborted) return seen;
    await delay(LOOK_EVERY_MS);
  }
}
