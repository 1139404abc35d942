import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { lostShare } from '../load/index.ts';
import { json, startLoopback, type Loopback } from '../target/testing/loopback.ts';
import { coordinate, type CoordinatedLoad } from './coordinator.ts';
import { localWorkers } from './local-workers.ts';
import type { LoadWorkers } from './messages.ts';
import { planFixture, restFixture } from './testing/load-fixtures.ts';

const ENV = { PATH: process.env['PATH'] ?? '' };

let server: Loopback;
let pids: number[];
let workers: LoadWorkers;

function startWorkers(count: number): void {
  workers = localWorkers({ count, env: ENV, onSpawn: (pid) => pids.push(pid) });
}

function load(changes: Partial<CoordinatedLoad> = {}): CoordinatedLoad {
  return { plan: planFixture(), rest: restFixture(server), workers, ...changes };
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

beforeEach(async () => {
  pids = [];
  server = await startLoopback({ http: (_request, response) => json(response, 200, { ok: true }) });
});

afterEach(async () => {
  await workers[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  const left = pids.filter(alive);
  if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
});

describe('local load workers', () => {
  test.each([1, 2, 4])('%i do one schedule between them', async (count) => {
    startWorkers(count);
    let seen = 0;
    const result = await coordinate(load({ onLive: (live) => (seen = Math.max(seen, live.workers)) }));
    expect(result).toMatchObject({ scheduled: 200, sent: 200, dropped: 0 });
    expect(result.byOutcome.ok).toBe(200);
    expect(lostShare(result)).toBeNull();
    expect(result.shards.map(({ index }) => index)).toEqual(Array.from({ length: count }, (_, index) => index));
    for (const { startErrorMs } of result.shards) expect(startErrorMs).toBeTypeOf('number');
    expect(server.seen).toHaveLength(200);
    expect(seen).toBe(count);
  });

  test('are kept for the next load, and begin when it is said that they do', async () => {
    startWorkers(2);
    const begun: number[] = [];
    const { startedAtMs } = await coordinate(load({ onStart: (atMs) => begun.push(atMs) }));
    expect(begun).toEqual([startedAtMs]);
    await coordinate(load());
    expect(pids).toHaveLength(2);
  });

  test('a share whose worker is killed is lost with the reason, and the rest is kept', async () => {
    startWorkers(4);
    let killed = false;
    const result = await coordinate(
      load({
        onLive() {
          if (killed) return;
          killed = true;
          process.kill(pids[2] ?? 0, 'SIGKILL');
        },
      }),
    );
    const [lost, ...more] = result.shards.filter((shard) => shard.lost !== null);
    expect(more).toEqual([]);
    expect(lost).toMatchObject({ index: 2, worker: `local ${pids[2]}` });
    expect(lost?.lost).toMatch(/^was ended by SIGKILL \d\.\d s into the load/u);
    expect(lostShare(result)?.share).toBe(0.25);
    expect(result.sent).toBe(150);
    // The next load has all of its workers again.
    expect(lostShare(await coordinate(load()))).toBeNull();
    expect(pids).toHaveLength(5);
  });

  test('a load of one worker that is killed was not measured', async () => {
    startWorkers(1);
    await expect(coordinate(load({ onLive: () => process.kill(pids[0] ?? 0, 'SIGKILL') }))).rejects.toMatchObject({
      code: 'MUSTER_LOAD_NOT_RUN',
      message: expect.stringMatching(/^the load worker was lost: local \d+ was ended by SIGKILL/u) as string,
    });
  });

  test('a worker that dies before the start costs the load, and nothing is sent', async () => {
    startWorkers(2);
    const running = coordinate(load());
    await expect.poll(() => pids.length).toBe(2);
    process.kill(pids[1] ?? 0, 'SIGKILL');
    await expect(running).rejects.toMatchObject({
      code: 'MUSTER_LOAD_NOT_RUN',
      message: expect.stringContaining('1 of 2 load workers did not get ready') as string,
    });
    expect(server.seen).toEqual([]);
  });

  test('a worker that never becomes ready costs the load', async () => {
    startWorkers(1);
    const running = coordinate(load({ silentAtEdgesMs: 1_000 }));
    await expect.poll(() => pids.length).toBe(1);
    process.kill(pids[0] ?? 0, 'SIGSTOP');
    await expect(running).rejects.toMatchObject({ message: expect.stringContaining('has not been heard of for') as string });
  });

  test('an aborted load hands over what it has', async () => {
    startWorkers(2);
    const stop = new AbortController();
    const result = await coordinate(
      load({
        plan: planFixture({ shape: { kind: 'constant', perSecond: 100, durationMs: 60_000 } }),
        signal: stop.signal,
        onLive: () => stop.abort(),
      }),
    );
    expect(result.aborted).toBe(true);
    expect(lostShare(result)).toBeNull();
    expect(result.sent).toBeGreaterThan(0);
  });

  test('a load is ended early by the figures of all workers together', async () => {
    startWorkers(2);
    const result = await coordinate(
      load({
        plan: planFixture({
          shape: { kind: 'constant', perSecond: 100, durationMs: 60_000 },
          successOutcomes: ['degraded'],
          stopWhen: { successBelow: 0.9, overMs: 1_000 },
        }),
      }),
    );
    expect(result.aborted).toBe(false);
    expect(result.stopped).toMatch(/^0 of \d+ requests succeeded within 1 s/u);
  });

  test('what the target does not bind is said as such', async () => {
    startWorkers(2);
    const rest = restFixture(server);
    await expect(coordinate(load({ rest: { ...rest, target: { ...rest.target, bindings: {} } } }))).rejects.toMatchObject({
      name: 'MissingBinding',
      message: 'no binding `execute`',
    });
  });
});
