import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { type LoadPlan, mergeReports, WHOLE } from '../load/index.ts';
import type { Bindings } from '../model/target.ts';
import { MissingBinding } from '../target/index.ts';
import { json, type Loopback, startLoopback, targetWith, template } from '../target/testing/loopback.ts';
import { requireFileHandles } from './file-limit.ts';
import { agentsOf, createTaskRunner, runTask } from './run-task.ts';
import type { LoadTask, OpeningProgress } from './load-task.ts';

const BINDINGS: Bindings = {
  execute: { http: template('POST /run', { text: '${text}' }, { 'X-Agent': '${agent}' }), outcome: { ok: 'success == true' } },
  mcp: {
    ws: { path: '/rpc?agent=${agent}', service: 'api', headers: {} },
    welcome: null,
    call: { method: 'echo', params: { text: '${canary}' }, echo: 'text' },
  },
};

let loopback: Loopback;
let sessions: string[];

beforeEach(async () => {
  sessions = [];
  loopback = await startLoopback({
    http: (_request, response) => json(response, 200, { success: true }),
    ws(socket: WebSocket, request) {
      sessions.push(new URL(request.url ?? '', 'http://x').searchParams.get('agent') ?? '');
      socket.on('message', (data: Buffer) => {
        const { id, params } = JSON.parse(data.toString()) as { readonly id: number; readonly params: unknown };
        socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: params }));
      });
    },
  });
});

afterEach(() => loopback[Symbol.asyncDispose]());

function plan(change: Partial<LoadPlan> = {}): LoadPlan {
  return {
    id: 'test.mixed',
    suite: 'test',
    label: 'a mix',
    shape: { kind: 'constant', perSecond: 100, durationMs: 400 },
    arrivals: 'even',
    seed: 7,
    agents: 4,
    mix: [
      { operation: 'execute', weight: 3 },
      { operation: 'mcp', weight: 1 },
    ],
    warmupMs: 0,
    maxInFlight: 100,
    timeoutMs: 5_000,
    drainMs: 5_000,
    ...change,
  };
}

function task(change: Partial<LoadTask> = {}): LoadTask {
  const urls = { api: loopback.url };
  return { plan: plan(), shard: WHOLE, target: targetWith(BINDINGS), urls, adminUrls: {}, allowedHosts: [], calibrate: false, ...change };
}

describe('a share of a load', () => {
  it('is done by the agents and the mix of its plan, with the generator calibrated around it', async () => {
    const progress: OpeningProgress[] = [];
    const report = await runTask(task({ calibrate: true }), { onOpening: (seen) => progress.push(seen) });
    const result = mergeReports([report], []);
    expect(result.byOutcome).toMatchObject({ ok: 40, wrong: 0, unknown: 0 });
    expect(result.operations.map(({ name, scheduled }) => [name, scheduled])).toEqual([
      ['execute', 30],
      ['mcp', 10],
    ]);
    expect(new Set(loopback.seen.map(({ headers }) => headers['x-agent']))).toEqual(new Set(['agent-0', 'agent-1', 'agent-2', 'agent-3']));
    expect(sessions.toSorted()).toEqual(['agent-0', 'agent-1', 'agent-2', 'agent-3']);
    expect(progress.at(-1)).toEqual({ opened: 4, failed: 0, of: 4 });
    expect(result.calibration?.before.latencyMs).not.toBeNull();
    expect(result.calibration?.after.latencyMs).not.toBeNull();
  });

  it('goes on with the sessions of the load before, and opens others for another mix', async () => {
    await using runner = createTaskRunner();
    const run = async (change: Partial<LoadPlan>): Promise<number> => {
      const prepared = await runner.prepare(task({ plan: plan(change) }));
      return mergeReports([await prepared.run()], []).byOutcome.ok;
    };
    expect([await run({ id: 'first' }), await run({ id: 'second' }), sessions.length]).toEqual([40, 40, 4]);
    expect([await run({ agents: 2 }), sessions.length]).toEqual([40, 6]);
  });

  it('opens before the first arrival is due, and begins at the agreed instant', async () => {
    await using runner = createTaskRunner();
    const late: number[] = [];
    const prepared = await runner.prepare(task(), { onFirstSend: (lateMs) => late.push(lateMs) });
    expect([sessions.length, loopback.seen.length]).toEqual([4, 0]);
    await prepared.run();
    expect(late).toHaveLength(1);
  });

  it('does not run what the target does not bind, or a host that nobody allowed', async () => {
    await expect(runTask(task({ target: targetWith({}) }))).rejects.toThrow(MissingBinding);
    await expect(runTask(task({ urls: { api: 'http://example.invalid' } }))).rejects.toThrow(/Nothing may be sent to example.invalid/);
  });

  it('ends at once when it is aborted, without a calibration of what was not measured', async () => {
    const stop = new AbortController();
    await using runner = createTaskRunner();
    const prepared = await runner.prepare(task({ calibrate: true }), { signal: stop.signal, onFirstSend: () => stop.abort() });
    const report = await prepared.run();
    expect([report.aborted, report.calibration]).toEqual([true, null]);
  });
});

describe('the agents of a shard', () => {
  it('are those whose arrivals it owns', () => {
    const of = (agents: number, index: number, workers: number) => agentsOf(plan({ agents }), { index, of: workers });
    expect([of(4, 0, 1), of(4, 1, 2), of(3, 1, 2), of(2, 2, 3)]).toEqual([
      [0, 1, 2, 3],
      [1, 3],
      [0, 1, 2],
      [0, 1],
    ]);
  });
});

describe('the open files of a worker', () => {
  it('are enough for one connection per agent and operation that holds one, and what is under way', () => {
    const many = plan({ agents: 1_000, mix: [...plan().mix, { operation: 'subscribe', weight: 1 }], maxInFlight: 300 });
    expect(() => requireFileHandles(many, WHOLE, 2_400)).not.toThrow();
    expect(() => requireFileHandles(many, WHOLE, 2_399)).toThrow(
      'The load needs up to 2400 open files in one worker, and its limit is 2399.',
    );
    expect(() => requireFileHandles(many, { index: 0, of: 2 }, 1_250)).not.toThrow();
    expect(() => requireFileHandles(many, { index: 0, of: 3 }, 2_199)).toThrow(/2200/);
    expect(() => requireFileHandles(many, WHOLE, null)).not.toThrow();
  });
});
