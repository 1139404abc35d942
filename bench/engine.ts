import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { build } from 'hdr-histogram-js';
import { mergeReports, runShard, seededRandom, WHOLE, type LoadPlan, type Operation } from '../harness/load/index.ts';
import { Histogram } from '../harness/load/histogram.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const ROUNDS = 5;
const PER_SECOND = 50_000;
const DURATION_MS = 2000;
const SOAK_PER_SECOND = 150_000;
const SOAK_SECONDS = 15;
/** By then everything is compiled and every buffer has its size. */
const SETTLED_SECONDS = 5;
const RECORDS = 1_000_000;
const BYTES_PER_KB = 1024;

/** What the engine itself costs, against operations that do nothing, with everything recorded. */
export const engine: Bench = {
  name: 'engine',
  title: `Engine: own cost per arrival at ${PER_SECOND}/s, all recorded; median of ${ROUNDS}`,
  async run() {
    const figures: Figure[] = [];
    const atOnce: Operation = { ...NULL, start: (call) => call.end('ok', 1) };
    const nextTurn: Operation = { ...NULL, start: (call) => void setImmediate(() => call.end('ok', 1)) };
    await cost(atOnce);
    figures.push(await costFigure('ends at once', atOnce), await costFigure('ends in the next turn of the loop', nextTurn));
    return [...figures, await abortFigure(), await memoryFigure(atOnce), ...recordFigures()];
  },
};

const NULL = { name: 'null', async [Symbol.asyncDispose]() {} };

function planFor(perSecond: number, durationMs: number): LoadPlan {
  return {
    id: 'bench.engine',
    suite: 'bench',
    label: 'null operation',
    shape: { kind: 'constant', perSecond, durationMs },
    arrivals: 'even',
    seed: 1,
    agents: 100,
    mix: [{ operation: 'null', weight: 1 }],
    warmupMs: 0,
    maxInFlight: 10_000,
    timeoutMs: 10_000,
    drainMs: 1000,
  };
}

async function cost(operation: Operation): Promise<{ readonly micros: number; readonly offered: number }> {
  const onSnapshot = () => undefined;
  const report = await runShard({ plan: planFor(PER_SECOND, DURATION_MS), shard: WHOLE, operations: [operation], onSnapshot });
  return { micros: (report.self.cpuMs * 1000) / report.counts.scheduled, offered: mergeReports([report], []).offeredShare };
}

async function costFigure(what: string, operation: Operation): Promise<Figure> {
  const rounds: Awaited<ReturnType<typeof cost>>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await cost(operation));
  const micros = rounds.map((round) => round.micros);
  const offered = Math.min(...rounds.map((round) => round.offered));
  return figure(what, median(micros), 'µs CPU/arrival', `${spread(micros)}; offered at least ${(offered * 100).toFixed(1)} %`);
}

/** From the signal to the report, with a thousand calls under way that obey. */
async function abortFigure(): Promise<Figure> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const caller = new AbortController();
    let underWay = 0;
    let abortedAt = Number.NaN;
    const start: Operation['start'] = (call) => {
      call.cancel = () => undefined;
      underWay += 1;
      if (underWay !== RECORDS / 1000) return;
      setImmediate(() => {
        abortedAt = performance.now();
        caller.abort();
      });
    };
    await runShard({ plan: planFor(10_000, 600_000), shard: WHOLE, operations: [{ ...NULL, start }], signal: caller.signal });
    times.push(performance.now() - abortedAt);
  }
  return figure('abort to report, 1000 under way', median(times), 'ms', spread(times));
}

/** What stays on the heap per arrival of a load beyond the raw samples: nothing but a histogram per window, if a soak may be as long as it likes. */
async function memoryFigure(operation: Operation): Promise<Figure> {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  const readings: { readonly bytes: number; readonly arrivals: number }[] = [];
  let arrivals = 0;
  let seconds = 0;
  await runShard({
    plan: planFor(SOAK_PER_SECOND, SOAK_SECONDS * 1000),
    shard: WHOLE,
    operations: [operation],
    onSnapshot({ scheduled }) {
      arrivals += scheduled;
      seconds += 1;
      if (seconds !== SETTLED_SECONDS && seconds !== SOAK_SECONDS - 1) return;
      gc();
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      readings.push({ bytes: heapUsed + arrayBuffers, arrivals });
    },
  });
  const [early, late] = readings;
  if (early === undefined || late === undefined) return figure('memory per arrival', null, 'B', 'the load ended before the second reading');
  const growth = late.bytes - early.bytes;
  const note = `${(growth / BYTES_PER_KB).toFixed(0)} KB more after ${late.arrivals - early.arrivals} arrivals: the histograms of the windows begun meanwhile; a load has at most 600`;
  return figure('memory per arrival of a soak', growth / (late.arrivals - early.arrivals), 'B', note);
}

/** One record in the histogram, beside the library whose bins it has. */
function recordFigures(): Figure[] {
  const random = seededRandom(1);
  const values = Float64Array.from({ length: RECORDS }, () => Math.exp(3 + random() * 2));
  const rounds = Array.from({ length: ROUNDS }, () => ({ own: ownRecord(values), library: libraryRecord(values) }));
  const [own, library] = [rounds.map((round) => round.own), rounds.map((round) => round.library)];
  const ratio = rounds.map((round) => round.own / round.library);
  const full = new Histogram();
  for (const value of values) full.add(value);
  const encodings = Array.from({ length: ROUNDS }, () => timed(() => full.encode()));
  return [
    figure('histogram record', median(own), 'ns', spread(own)),
    figure('hdr-histogram-js record', median(library), 'ns', spread(library)),
    figure('own / library', median(ratio), 'ratio', spread(ratio)),
    figure('encode a histogram', median(encodings), 'ms', `${full.encode().bins.length} characters`),
  ];
}

function ownRecord(values: Float64Array): number {
  const histogram = new Histogram();
  return perRecord(() => {
    for (const value of values) histogram.add(value);
  });
}

function libraryRecord(values: Float64Array): number {
  const histogram = build({ bitBucketSize: 32, autoResize: true, numberOfSignificantValueDigits: 3 });
  return perRecord(() => {
    for (const value of values) histogram.recordValue(Math.round(value * 1000));
  });
}

function perRecord(work: () => void): number {
  return (timed(work) * 1_000_000) / RECORDS;
}

function timed(work: () => void): number {
  const from = performance.now();
  work();
  return performance.now() - from;
}
