import { type Call, generatorFault, latencyAt, type LoadResult, type Operation } from '../harness/load/index.ts';
import { quantileOf, sortedCopy } from '../harness/load/quantile.ts';
import { startServer, type ChildServer } from './child-server.ts';
import { planFor, runPlan, withHttp } from './http-load.ts';
import type { Bench, Figure } from './result.ts';
import { figure, spread } from './result.ts';
import { judged } from './target.ts';

const SERVICES_MS = [5, 20];
const RATES = [250, 500, 1000, 2000];
const BURNS_MICROS = [0, 50, 100, 200, 400, 800];
const CLEAN_RUNS = 30;
const CLEAN = { perSecond: 200, burnMicros: 0 };
const DURATION_MS = 1500;
const GATED = 0.95;
const MAX_ERROR = 0.1;
/** Limits far below and far above whatever is measured: neither answer may come from a starved generator. */
const LIMITS_MS = [1, 1000, 60_000];

interface Run {
  readonly perSecond: number;
  readonly burnMicros: number;
  readonly result: LoadResult;
  /** Reported over seen by the server, minus 1, at the gated quantile. */
  readonly error: number;
}

/** Whether the generator knows when it is the bottleneck: some that waste time for every request, beside clean ones. */
export const saturation: Bench = {
  name: 'saturation',
  title: `Self-check: generators that burn up to ${Math.max(...BURNS_MICROS)} µs per request, and ${CLEAN_RUNS} clean runs`,
  async run() {
    const figures: Figure[] = [];
    for (const serviceMs of SERVICES_MS) figures.push(...(await burning(serviceMs)));
    return [...figures, ...(await clean())];
  },
};

async function burning(serviceMs: number): Promise<Figure[]> {
  await using server = await startServer('delay-server.js', ['constant', `${serviceMs}`]);
  const runs: Run[] = [];
  for (const perSecond of RATES) for (const burnMicros of BURNS_MICROS) runs.push(await run(server, { perSecond, burnMicros }));
  const wrong = runs.filter(({ error }) => error > MAX_ERROR);
  const missed = wrong.filter(({ result }) => result.selfCheck.ok);
  const starved = runs.filter(({ result }) => result.elu > 0.7 || result.offeredShare < 0.99);
  const believed = starved.filter(({ result }) => LIMITS_MS.some((limitMs) => generatorFault(result, { limitMs, q: GATED }) === null));
  const needless = runs.filter(({ error, result }) => error <= MAX_ERROR && !result.selfCheck.ok);
  const name = `service ${serviceMs} ms:`;
  return [
    judged(`${name} runs with > 10 % client error not flagged`, missed.length, '', {
      atMost: 0,
      note: `of ${wrong.length} such among ${runs.length}; ${missed.map(tell).join(', ')}`,
    }),
    judged(`${name} starved runs that a criterion would believe`, believed.length, '', { atMost: 0, note: `of ${starved.length} starved` }),
    figure(`${name} flagged with less error`, needless.length, '', needless.map(tell).join(', ')),
  ];
}

async function clean(): Promise<Figure[]> {
  await using server = await startServer('delay-server.js', ['lognormal', '20']);
  const runs: Run[] = [];
  for (let round = 0; round < CLEAN_RUNS; round += 1) runs.push(await run(server, CLEAN));
  const flagged = runs.filter(({ result }) => !result.selfCheck.ok);
  const errors = runs.map(({ error }) => Math.abs(error) * 100);
  return [
    judged('clean runs flagged', flagged.length, '', { atMost: 0, note: `of ${runs.length}; ${flagged.map(tell).join(', ')}` }),
    figure('clean runs, greatest client error', Math.max(...errors), '%', spread(errors)),
  ];
}

async function run(server: ChildServer, { perSecond, burnMicros }: typeof CLEAN): Promise<Run> {
  const plan = planFor({ kind: 'constant', perSecond, durationMs: DURATION_MS }, { gatedQuantile: GATED, drainMs: 2000 });
  const result = await withHttp(server.origin, (operation) => runPlan(plan, burner(operation, burnMicros)));
  const truth = quantileOf(sortedCopy((await server.ask()) as number[]), GATED);
  return { perSecond, burnMicros, result, error: (latencyAt(result, GATED) ?? Number.NaN) / (truth ?? Number.NaN) - 1 };
}

/** Half of the time goes before the request is sent, as rendering does, half after the answer has been told, as checking it does. */
function burner(inner: Operation, burnMicros: number): Operation {
  return {
    name: inner.name,
    start(call) {
      burn(burnMicros / 2);
      const own: Call = {
        arrival: call.arrival,
        cancel: null,
        end(outcome, bytes) {
          call.end(outcome, bytes);
          burn(burnMicros / 2);
        },
        crash: (error) => call.crash(error),
      };
      call.cancel = () => own.cancel?.();
      inner.start(own);
    },
    [Symbol.asyncDispose]: async () => inner[Symbol.asyncDispose](),
  };
}

function burn(micros: number): void {
  const untilMs = performance.now() + micros / 1000;
  while (performance.now() < untilMs);
}

function tell({ perSecond, burnMicros, error, result }: Run): string {
  const late = result.latenessMs?.p99.toFixed(1) ?? 'unknown';
  return `${burnMicros} µs at ${perSecond}/s: error ${(error * 100).toFixed(0)} %, late p99 ${late} ms, loop ${(result.elu * 100).toFixed(0)} %`;
}
