import { Histogram, type LoadPlan, type LoadResult } from '../harness/load/index.ts';
import { monotonicMs } from '../harness/model/clock.ts';
import { coordinate, type CoordinatedLoad, type LoadWorkers, localWorkers } from '../harness/workers/index.ts';
import { startServer } from './child-server.ts';
import { inNamespaces } from './distributed-namespaces.ts';
import { openQueue } from './distributed-queue.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { judged } from './target.ts';

const WORKERS = 4;
const ROUNDS = 5;
const PER_SECOND = 400;
const DURATION_MS = 4_000;
const QUANTILES = [0.5, 0.95, 0.99] as const;
/** Workers wait so long between "all are ready" and the first arrival. */
const START_DELAY_MS = 250;

/** One load on several workers: does what comes together say what one generator would have said, and is what is lost noticed? */
export const distributed: Bench = {
  name: 'distributed',
  title: `${WORKERS} load workers, ${PER_SECOND}/s, ${DURATION_MS / 1000} s, lognormal server, ${ROUNDS} rounds`,
  async run() {
    await using server = await startServer('./delay-server.js', ['lognormal', '20']);
    const load = loadFor(server.origin);
    const pids: number[] = [];
    await using local = localWorkers({ count: WORKERS, env: { PATH: process.env['PATH'] ?? '' }, onSpawn: (pid) => pids.push(pid) });
    const figures = await figuresOf('local', { load, workers: local, kill: () => process.kill(pids.pop() ?? 0, 'SIGKILL') });
    await using stand = await openQueue(WORKERS);
    figures.push(...(await figuresOf('queue', { load, workers: stand.workers, kill: stand.killOne })));
    return [...figures, ...(await namespaces())];
  },
};

type Load = Pick<CoordinatedLoad, 'plan' | 'rest'>;

function loadFor(url: string, allowedHosts: readonly string[] = []): Load {
  const plan: LoadPlan = {
    id: 'bench.distributed',
    suite: 'bench',
    label: 'GET /',
    shape: { kind: 'constant', perSecond: PER_SECOND, durationMs: DURATION_MS },
    arrivals: 'even',
    seed: 1,
    agents: 64,
    mix: [{ operation: 'http', weight: 1, options: { path: '/', service: 'api' } }],
    warmupMs: 0,
    maxInFlight: 512,
    timeoutMs: 5_000,
    drainMs: 2_000,
  };
  const target = {
    name: 'bench',
    subject: { version: null, commit: null },
    services: [],
    compose: null,
    bindings: {},
    stores: { tables: [], migrations: null },
    workload: { agents: 1, ratePerSecond: 1, distinctTexts: 1, mix: null, soakMs: 0 },
    claims: [],
  };
  return { plan, rest: { target, urls: { api: url }, adminUrls: {}, allowedHosts, calibrate: false } };
}

interface Subject {
  readonly load: Load;
  readonly workers: LoadWorkers;
  /** Ends one worker for good. */
  readonly kill: (() => void) | null;
}

async function figuresOf(name: string, { load, workers, kill }: Subject): Promise<Figure[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measure(load, workers));
  const figures = [
    middle(
      `${name}: merged quantiles against pooled values`,
      '%',
      rounds.map(({ errorShare }) => errorShare * 100),
      0.1,
    ),
    middle(
      `${name}: start skew`,
      'ms',
      rounds.map(({ skewMs }) => skewMs),
      2,
    ),
    middle(
      `${name}: first send against the agreed instant`,
      'ms',
      rounds.map(({ startErrorMs }) => startErrorMs),
      2,
    ),
    middle(
      `${name}: time beside the load (${START_DELAY_MS} ms of it chosen)`,
      'ms',
      rounds.map(({ overheadMs }) => overheadMs),
    ),
    middle(`${name}: abort to the last report`, 'ms', await times(() => abortMs(load, workers)), 200),
  ];
  if (kill !== null) figures.push(await detection(name, { load, workers, kill }));
  return figures;
}

interface Round {
  readonly errorShare: number;
  readonly skewMs: number;
  readonly startErrorMs: number;
  readonly overheadMs: number;
}

async function measure(load: Load, workers: LoadWorkers): Promise<Round> {
  const heard = new Histogram();
  const beganMs = monotonicMs();
  const result = await coordinate({ ...load, workers: listening(workers, heard) });
  const overheadMs = monotonicMs() - beganMs - DURATION_MS;
  const errors = result.shards.flatMap(({ startErrorMs }) => startErrorMs ?? []);
  const pooled = result.windows.flatMap(({ latenciesMs }) => latenciesMs).toSorted((a, b) => a - b);
  const errorShare = Math.max(
    ...QUANTILES.map((q) => {
      const exact = pooled[Math.max(0, Math.ceil(q * pooled.length) - 1)] ?? Number.NaN;
      return Math.abs((heard.quantile(q) ?? Number.NaN) - exact) / exact;
    }),
  );
  return {
    errorShare,
    skewMs: Math.max(...errors) - Math.min(...errors),
    startErrorMs: Math.max(...errors.map(Math.abs)),
    overheadMs,
  };
}

/** The same workers; the histograms they send are added up on the way: what an early stop and a load beyond 10⁶ samples rest on. */
function listening(workers: LoadWorkers, heard: Histogram): LoadWorkers {
  return {
    count: () => workers.count(),
    open: (tasks, hear) =>
      workers.open(tasks, (index, said) => {
        if (said.kind === 'beat') for (const { latency } of said.snapshots) heard.absorb(Histogram.decode(latency));
        hear(index, said);
      }),
    async [Symbol.asyncDispose]() {},
  };
}

async function abortMs(load: Load, workers: LoadWorkers): Promise<number> {
  const stop = new AbortController();
  let abortedMs = 0;
  await coordinate({
    ...load,
    workers,
    signal: stop.signal,
    onLive() {
      if (abortedMs > 0) return;
      abortedMs = monotonicMs();
      stop.abort();
    },
  });
  return monotonicMs() - abortedMs;
}

async function detection(name: string, { load, workers, kill }: Subject & { readonly kill: () => void }): Promise<Figure> {
  let killedMs = 0;
  const result = await coordinate({
    ...load,
    workers,
    onLive() {
      if (killedMs > 0) return;
      killedMs = monotonicMs();
      kill();
    },
  });
  const lostMs = lostAtMs(result);
  const lost = result.shards.filter((shard) => shard.lost !== null).length;
  const note = `${lost} of ${WORKERS} shares lost, the rest kept; to 0.1 s`;
  return figure(`${name}: kill to "share lost"`, lostMs === null ? null : Math.max(0, lostMs - killedMs), 'ms', note);
}

/** The reason of a lost share says when it was lost. */
function lostAtMs({ shards, startedAtMs }: LoadResult): number | null {
  const seconds = shards.flatMap(({ lost }) => /(\d+\.\d) s into the load/u.exec(lost ?? '')?.[1] ?? [])[0];
  return seconds === undefined ? null : startedAtMs + Number(seconds) * 1000;
}

async function namespaces(): Promise<Figure[]> {
  await using stand = await inNamespaces(3);
  if (typeof stand.reason === 'string') return [figure('namespaces', null, '', `not measured: ${stand.reason}`)];
  const load = loadFor(stand.origin, [stand.host]);
  return await figuresOf('3 network namespaces', { load, workers: stand.workers, kill: null });
}

function middle(what: string, unit: string, values: readonly number[], atMost?: number): Figure {
  const note = spread(values);
  return atMost === undefined ? figure(what, median(values), unit, note) : judged(what, median(values), unit, { atMost, note });
}

async function times(work: () => Promise<number>): Promise<readonly number[]> {
  const values: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) values.push(await work());
  return values;
}
