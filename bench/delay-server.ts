import { createServer } from 'node:http';
import { seededRandom } from '../harness/load/index.ts';

/**
 * A program: answers after a delay drawn from the law named in argv[2] (its scale in argv[3], ms), and keeps what really passed between a
 * request's arrival and its answer: the truth a generator is compared with. Sends that list when asked by a message, and begins a new one.
 */
const SIGMA = 0.8;
const scaleMs = Number(process.argv[3] ?? 20);
const random = seededRandom(20_250_101);

/** Box and Muller. */
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const LAWS: Readonly<Record<string, () => number>> = { constant: () => scaleMs, lognormal: () => scaleMs * Math.exp(SIGMA * normal()) };
const law = LAWS[process.argv[2] ?? 'constant'] ?? (() => scaleMs);

let seenMs: number[] = [];
const server = createServer((_, response) => {
  const startedAtMs = performance.now();
  setTimeout(() => {
    response.end('ok');
    seenMs.push(performance.now() - startedAtMs);
  }, law());
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.on('message', () => {
  process.send?.(seenMs);
  seenMs = [];
});
process.on('disconnect', () => {
  server.close();
  server.closeAllConnections();
});
