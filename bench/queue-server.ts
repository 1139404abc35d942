import { createServer } from 'node:http';

/**
 * A program with a capacity that is known: argv[2] slots that each take argv[3] ms for a request, and a queue. A slot is free again when it
 * should be, not when a timer of a whole millisecond says so: so it gets through slots / time, whatever the timers do.
 */
const slots = Number(process.argv[2] ?? 8);
const serviceMs = Number(process.argv[3] ?? 10);
const freeAtMs = Array.from({ length: slots }, () => 0);

const server = createServer((_, response) => {
  const nowMs = performance.now();
  const slot = freeAtMs.indexOf(Math.min(...freeAtMs));
  const endMs = Math.max(nowMs, freeAtMs[slot] ?? 0) + serviceMs;
  freeAtMs[slot] = endMs;
  setTimeout(() => response.end('ok'), endMs - nowMs);
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
});
