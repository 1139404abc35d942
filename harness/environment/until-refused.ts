import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import { NotStoppedError } from './errors.ts';
import { HOST } from './placeholders.ts';
import { knock } from './sockets.ts';

const REFUSED_MS = 3_000;
const POLL_MS = 10;

/**
 * Waits until nobody accepts connections on a port of loopback any more; resolves with what was seen: `ECONNREFUSED`.
 * @throws NotStoppedError after 3 s.
 */
export async function untilRefused(service: string, port: number): Promise<string> {
  const endMs = monotonicMs() + REFUSED_MS;
  for (;;) {
    const seen = await knock(port, POLL_MS * 10);
    if (seen === 'ECONNREFUSED') return seen;
    if (monotonicMs() > endMs) throw new NotStoppedError(service, `${HOST}:${String(port)} answers "${seen}" to a connection`);
    await delay(POLL_MS);
  }
}
