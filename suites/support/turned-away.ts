import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from '../../harness/index.ts';

const LONGEST_PAUSE_MS = 1_000;
/** One request is made so often at most. */
const TRIES = 5;

/** Waits as long as the answer asks for, at most a second. */
export async function pauseAfter({ headers }: Answer, signal: AbortSignal): Promise<void> {
  const seconds = Number(headers['retry-after'] ?? Number.NaN);
  const ms = Number.isFinite(seconds) ? seconds * 1_000 : LONGEST_PAUSE_MS / 4;
  await delay(Math.min(LONGEST_PAUSE_MS, Math.max(0, ms)), undefined, { signal });
}

/** The answer to a request, which is made again when it was turned away (429, 503): then nothing was done. */
export async function askUntilTaken(request: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
  return patience(TRIES, signal)(request);
}

/**
 * Asks as `askUntilTaken` does; all that is asked again is asked `most` times in all, since a target that turns everything away must not be
 * asked for ever. What was turned away to the end is answered so.
 */
export function patience(most: number, signal: AbortSignal): (request: () => Promise<Answer>) => Promise<Answer> {
  let left = most;
  return async (request) => {
    let answer = await request();
    for (let tries = 1; tries < TRIES && left > 0 && answer.outcome === 'shed' && !signal.aborted; tries += 1) {
      left -= 1;
      await pauseAfter(answer, signal);
      answer = await request();
    }
    return answer;
  };
}
