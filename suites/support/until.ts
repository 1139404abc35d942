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

/**
 * Looks until `done` holds or what is shown may not be that old any more: the last look begins after that. Once, where nothing may be old.
 * Resolves with the last thing seen.
 */
export async function lookPast<T>(
  look: () => Promise<T>,
  done: (seen: T) => boolean,
  { stalenessMs = 0, signal }: { readonly stalenessMs: number | undefined; readonly signal: AbortSignal },
): Promise<T> {
  const end = performance.now() + stalenessMs;
  for (;;) {
    const leftMs = end - performance.now();
    const seen = await look();
    if (leftMs <= 0 || done(seen) || signal.aborted) return seen;
    await delay(Math.min(LOOK_EVERY_MS, Math.max(1, leftMs)));
  }
}

/** One look that begins when what is shown may not be old any more: for what must not have changed. */
export async function lookAfter<T>(look: () => Promise<T>, given: Parameters<typeof lookPast>[2]): Promise<T> {
  const { stalenessMs = 0, signal } = given;
  if (stalenessMs > 0) await delay(stalenessMs, undefined, { signal });
  return look();
}
