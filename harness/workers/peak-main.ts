import autocannon, { type Client, type Options } from 'autocannon';
import { performance } from 'node:perf_hooks';
import { PeakBook } from './peak-book.ts';
import { tlsOptionsOf } from '../model/tls.ts';
import { checkCertificates } from './peak-tls.ts';
import type { PeakOrder } from './peak-types.ts';

/**
 * A program: autocannon as a closed loop. Its order is the first line of stdin, its result the only line of stdout; it ends when stdin
 * does, so that it never outlives whoever started it. Only autocannon's sending is used: its histogram cuts to whole milliseconds and leaves
 * time-outs out, and its corrections are in the wrong unit.
 */

/** A target that refuses connections is asked again at once, so this many come within a moment. */
const ENOUGH_ERRORS = 1000;
/** How often autocannon looks whether it is over. */
const LOOK_EVERY_MS = 100;
/** autocannon must not stop before we do. */
const RESERVE_S = 60;

let input = '';
let started = false;
const clients = new Set<Client>();
let warming: NodeJS.Timeout | undefined;
let ending: NodeJS.Timeout | undefined;
process.stdin
  .setEncoding('utf8')
  .on('data', (text: string) => {
    input += text;
    const end = input.indexOf('\n');
    if (end < 0 || started) return;
    started = true;
    run(JSON.parse(input.slice(0, end)) as PeakOrder);
  })
  .on('close', stop);

function run(order: PeakOrder): void {
  const book = new PeakBook(order);
  let loop = performance.eventLoopUtilization();
  let fromMs = performance.now();
  const begin = (): void => {
    book.begin();
    loop = performance.eventLoopUtilization();
    fromMs = performance.now();
  };
  const end = (): void => {
    const nowMs = performance.now();
    const { utilization: elu } = performance.eventLoopUtilization(loop);
    process.stdout.write(`${JSON.stringify(book.result(nowMs, { measuredMs: nowMs - fromMs, elu }))}\n`);
    stop();
  };
  if (order.warmupMs > 0) warming = setTimeout(begin, order.warmupMs);
  else begin();
  ending = setTimeout(end, order.warmupMs + order.durationMs);
  const broke = (): void => {
    book.broke();
    if (book.errors !== ENOUGH_ERRORS) return;
    end();
  };
  checkCertificates(tlsOptionsOf(order.tls));
  autocannon({ ...optionsOf(order), setupClient: (client) => watch(client, book, broke) }, (error) => {
    if (error === null) return;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
    stop();
  });
}

/** Nothing is left then that would keep the process. */
function stop(): void {
  clearTimeout(warming);
  clearTimeout(ending);
  process.stdin.destroy();
  for (const client of clients) client.destroy();
}

function watch(client: Client, book: PeakBook, broke: () => void): void {
  clients.add(client);
  client.on('request', () => book.sent(client, performance.now()));
  client.on('response', (status, _, ms) => book.answered(client, status, ms));
  client.on('timeout', () => book.timedOut());
  client.on('connError', broke);
}

/** Without a rate there is no correction for coordinated omission, and autocannon refuses to be told so. */
function optionsOf({ origin, request, connections, timeoutMs, warmupMs, durationMs }: PeakOrder): Omit<Options, 'setupClient'> {
  const { method, path, headers, body } = request;
  return {
    url: origin + path,
    method,
    headers,
    ...(body !== null && { body }),
    connections,
    pipelining: 1,
    duration: (warmupMs + durationMs) / 1000 + RESERVE_S,
    timeout: timeoutMs / 1000,
    sampleInt: LOOK_EVERY_MS,
  };
}
