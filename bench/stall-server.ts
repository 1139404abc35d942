import { createServer } from 'node:http';
import { monotonicMs } from '../harness/model/clock.ts';

/**
 * A program: answers after 2 ms, but stands still for a second in every five, as a long garbage collection or a failover does. Tells, when
 * asked by a message, when it stood still and when it answered (CLOCK_MONOTONIC), and what those took that no stall met: what waits before the
 * server reads it the server cannot see, so the truth of every arrival is computed from when it was due.
 */
const BASE_MS = 2;
const STALL_MS = 1000;
const EVERY_MS = 5000;

const stalls: { readonly startMs: number; readonly endMs: number }[] = [];
let servedMs: number[] = [];
let answeredMs: number[] = [];
const nothing = new Int32Array(new SharedArrayBuffer(4));

const server = createServer((_, response) => {
  const startedAtMs = monotonicMs();
  setTimeout(() => {
    response.end('ok');
    const endedAtMs = monotonicMs();
    answeredMs.push(endedAtMs);
    const stalled = stalls.at(-1);
    if (stalled === undefined || startedAtMs > stalled.endMs) servedMs.push(endedAtMs - startedAtMs);
  }, BASE_MS);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

const timer = setInterval(() => {
  const startMs = monotonicMs();
  Atomics.wait(nothing, 0, 0, STALL_MS);
  stalls.push({ startMs, endMs: monotonicMs() });
}, EVERY_MS);

process.on('message', () => {
  process.send?.({ stalls, servedMs, answeredMs });
  servedMs = [];
  answeredMs = [];
});
process.on('disconnect', () => {
  clearInterval(timer);
  server.close();
  server.closeAllConnections();
});
