import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { NotReady } from './errors.ts';
import type { Probe } from './probes.ts';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 100;

export type WaitResult = ({ readonly outcome: 'ready' } | { readonly outcome: 'late' } | { readonly outcome: 'interrupted' }) & NotReady;

/**
 * Repeats `probe` until it is ready, `withinMs` have passed, or `interrupted` resolves (the process has exited).
 * @throws the signal's reason as soon as it aborts.
 */
export async function waitUntilReady(options: {
  readonly probe: Probe;
  readonly withinMs: number;
  readonly interrupted: Promise<unknown>;
  readonly signal: AbortSignal;
}): Promise<WaitResult> {
  const { probe, withinMs, signal } = options;
  const startedMs = monotonicMs();
  const stop = new AbortController();
  const either = AbortSignal.any([signal, stop.signal]);
  const interrupted = options.interrupted.then(() => 'interrupted' as const);
  const late = delay(withinMs, 'late' as const, { signal: either });
  const aborted = late.catch(() => 'aborted' as const);
  let attempts = 0;
  let lastSeen: string | null = null;
  const result = (outcome: WaitResult['outcome']): WaitResult => ({ outcome, attempts, lastSeen, waitedMs: monotonicMs() - startedMs });
  try {
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
      const sighting = await Promise.race([probe().catch(asSighting), interrupted, aborted]);
      signal.throwIfAborted();
      if (sighting === 'interrupted') return result('interrupted');
      if (sighting === 'late' || sighting === 'aborted') return result('late');
      attempts += 1;
      lastSeen = sighting.seen;
      if (sighting.ready) return result('ready');
      await Promise.race([delay(pauseMs, undefined, { signal: either }).catch(() => undefined), interrupted, aborted]);
    }
  } finally {
    stop.abort();
  }
}

function asSighting(error: unknown): { ready: boolean; seen: string } {
  return { ready: false, seen: messageOf(error) };
}
