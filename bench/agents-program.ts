import { setTimeout as delay } from 'node:timers/promises';
import { type LoadPlan, type LoadResult, mergeReports, type MixEntry, WHOLE } from '../harness/load/index.ts';
import type { Bindings } from '../harness/model/target.ts';
import type { LoadTask } from '../harness/workers/index.ts';
import { createTaskRunner } from '../harness/workers/run-task.ts';

/** What one round of virtual agents tells. */
export interface AgentsRound {
  /** Of the whole process after the garbage is collected, with the sessions open and once more after the load. */
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly rssAfterBytes: number;
  readonly opened: number;
  readonly openMs: number;
  readonly cpuShare: number;
  readonly elu: number;
  readonly latenessP99Ms: number;
  readonly p99Ms: number;
  readonly ok: number;
  readonly scheduled: number;
  readonly closeMs: number;
}

const BINDINGS: Bindings = {
  execute: {
    http: { method: 'POST', path: '/run', service: 'api', headers: { 'X-Agent': '${agent}', 'X-Id': '${op}' }, body: { query: '${text}' } },
    outcome: { ok: 'success == true', echo: 'query' },
  },
  mcp: {
    ws: { path: '/rpc?agent=${agent}', service: 'api', headers: {} },
    welcome: null,
    call: { method: 'echo', params: { text: '${canary}' }, echo: 'text' },
  },
  events: { ws: { path: '/feed?agent=${agent}', service: 'api', headers: {} }, type: 't', appended: 'a', key: 'k', value: 'v' },
};

/** A program: `<origin> <agents> <idle sockets>`, with `--expose-gc`. */
const [origin = '', agents = '', sockets = ''] = process.argv.slice(2);
const CONNECT = { connectPerSecond: 2_000 };
const WORKING: readonly MixEntry[] = [
  { operation: 'execute', weight: 1 },
  { operation: 'mcp', weight: 1, options: CONNECT },
];
const IDLE: readonly MixEntry[] = [{ operation: 'subscribe', weight: 1, options: CONNECT }];
const DURATION_MS = 6_000;

process.send?.(await round(task(WORKING, Number(agents), 400), task(IDLE, Number(sockets), 50)));
process.disconnect();

/** Agents that work and sockets that are only held, in one process. */
async function round(working: LoadTask, idle: LoadTask): Promise<AgentsRound> {
  const runners = [createTaskRunner(), createTaskRunner()] as const;
  const opened = [0, 0];
  const prepare = (runner: 0 | 1, one: LoadTask) =>
    runners[runner].prepare(one, { onOpening: (progress) => (opened[runner] = progress.opened) });
  const startedMs = performance.now();
  const prepared = [await prepare(0, working), await prepare(1, idle)] as const;
  const openMs = performance.now() - startedMs;
  const open = await settled();
  const [report] = await Promise.all(prepared.map((one) => one.run()));
  const after = await settled();
  const closingMs = performance.now();
  await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
  return {
    heapBytes: Math.max(open.heap, after.heap),
    rssBytes: open.rss,
    rssAfterBytes: after.rss,
    opened: opened.reduce((sum, one) => sum + one, 0),
    openMs,
    closeMs: performance.now() - closingMs,
    ...figuresOf(mergeReports(report === undefined ? [] : [report], [])),
  };
}

function figuresOf(result: LoadResult): Omit<AgentsRound, 'heapBytes' | 'rssBytes' | 'rssAfterBytes' | 'opened' | 'openMs' | 'closeMs'> {
  const latencies = result.windows.flatMap(({ latenciesMs }) => [...latenciesMs]).toSorted((a, b) => a - b);
  return {
    cpuShare: result.cpuMs / DURATION_MS,
    elu: result.elu,
    latenessP99Ms: result.latenessMs?.p99 ?? Number.NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    ok: result.byOutcome.ok,
    scheduled: result.scheduled,
  };
}

function task(mix: readonly MixEntry[], count: number, perSecond: number): LoadTask {
  const plan: LoadPlan = {
    id: 'bench.agents',
    suite: 'bench',
    label: 'virtual agents',
    shape: { kind: 'constant', perSecond, durationMs: DURATION_MS },
    arrivals: 'even',
    seed: 1,
    agents: count,
    mix,
    warmupMs: 1_000,
    maxInFlight: 512,
    timeoutMs: 5_000,
    drainMs: 2_000,
  };
  const target = {
    name: 'bench',
    subject: { version: null, commit: null },
    services: [],
    compose: null,
    bindings: BINDINGS,
    stores: { tables: [], migrations: null },
    workload: { agents: count, ratePerSecond: perSecond, distinctTexts: 40, mix: null, soakMs: 60_000 },
    claims: [],
  };
  return { plan, shard: WHOLE, target, urls: { api: origin }, adminUrls: {}, allowedHosts: [], calibrate: false };
}

async function settled(): Promise<{ readonly heap: number; readonly rss: number }> {
  for (let pass = 0; pass < 3; pass += 1) {
    globalThis.gc?.();
    await delay(100);
  }
  const { rss, heapUsed } = process.memoryUsage();
  return { heap: heapUsed, rss };
}
