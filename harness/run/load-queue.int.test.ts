import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { scratchStore, type ScratchStore } from '../environment/testing/scratch-stores.ts';
import { lostShare } from '../load/index.ts';
import { taskWithReferences } from './load-secrets.ts';
import { json, startLoopback, type Loopback } from '../target/testing/loopback.ts';
import { coordinate, type CoordinatedLoad } from '../workers/coordinator.ts';
import type { LoadWorkers } from '../workers/messages.ts';
import { queueWorkers } from '../workers/queue-workers.ts';
import { planFixture, restFixture } from '../workers/testing/load-fixtures.ts';

const PROGRAM = fileURLToPath(new URL('../../dist/scripts/muster.js', import.meta.url));
const SECRET = 'correct-horse-battery';
const STORE_PASSWORD = 'made-by-muster-4711';

let store: ScratchStore;
let server: Loopback;
let admin: Redis;
const children: ChildProcess[] = [];
let pool: LoadWorkers | null = null;
let runs = 0;

beforeAll(async () => {
  store = await scratchStore('redis');
  admin = new Redis(store.url);
});

afterAll(async () => {
  admin.disconnect();
  await store[Symbol.asyncDispose]();
});

beforeEach(async () => {
  server = await startLoopback({ http: (_request, response) => json(response, 200, { ok: true }) });
});

afterEach(async () => {
  await pool?.[Symbol.asyncDispose]();
  pool = null;
  await Promise.all(children.splice(0).map(end));
  await server[Symbol.asyncDispose]();
  // What a worker that was killed said of itself expires.
  await vi.waitFor(
    async () => {
      const left = await admin.keys('*');
      if (left.length > 0) throw new Error(`left in Redis: ${left.join(', ')}`);
    },
    { timeout: 10_000 },
  );
});

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** The command itself; resolves when it says that it is ready. */
async function startWorker(name: string, env: Readonly<Record<string, string>> = {}): Promise<ChildProcess> {
  const child = fork(PROGRAM, ['worker', '--name', name], {
    env: { PATH: process.env['PATH'] ?? '', MUSTER_WORKER_REDIS: store.url, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.push(child);
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await expect.poll(() => said, { timeout: 20_000 }).toContain('is ready');
  expect(said).not.toContain(new URL(store.url).password);
  return child;
}

async function joined(secrets: ReadonlySet<string> = new Set(), joinWithinMs = 10_000): Promise<LoadWorkers> {
  runs += 1;
  pool = await queueWorkers({
    redisUrl: store.url,
    runId: `test-${process.pid}-${runs}`,
    withReferences: (task) => taskWithReferences(task, { values: secrets, env: { SHOP_TOKEN: SECRET } }),
    onEvent: () => undefined,
    signal: new AbortController().signal,
    joinWithinMs,
  });
  return pool;
}

function load(workers: LoadWorkers, changes: Partial<CoordinatedLoad> = {}): CoordinatedLoad {
  return { plan: planFixture(), rest: restFixture(server), workers, ...changes };
}

describe('load workers of a queue', () => {
  test('do one schedule between them, load after load', async () => {
    await Promise.all([startWorker('a'), startWorker('b')]);
    const workers = await joined();
    for (const _ of [1, 2]) {
      const result = await coordinate(load(workers));
      expect(result).toMatchObject({ sent: 200, dropped: 0 });
      expect(result.shards.map(({ worker }) => worker).toSorted()).toEqual(['a', 'b']);
      expect(lostShare(result)).toBeNull();
    }
    expect(server.seen).toHaveLength(400);
  });

  test('a worker that is killed costs its share, which nobody does again', async () => {
    const [first] = await Promise.all([startWorker('a'), startWorker('b'), startWorker('c'), startWorker('d')]);
    const workers = await joined();
    let killed = false;
    const result = await coordinate(
      load(workers, {
        plan: planFixture({ shape: { kind: 'constant', perSecond: 100, durationMs: 5_000 } }),
        onLive({ workers: heard }) {
          if (killed || heard < 4) return;
          killed = first.kill('SIGKILL');
        },
      }),
    );
    const lost = result.shards.filter((shard) => shard.lost !== null);
    expect(lost.map(({ worker }) => worker)).toEqual(['a']);
    expect(lost[0]?.lost).toMatch(/^has not been heard of for \d\.\d s .* into the load; until \d\.\d s it had said \d+ good of \d+$/u);
    expect(lostShare(result)?.share).toBe(0.25);
    expect(result.sent).toBe(375);
  });

  test('a worker that is told to end gives its share back', async () => {
    const [first] = await Promise.all([startWorker('a'), startWorker('b')]);
    const workers = await joined();
    const result = await coordinate(load(workers, { onLive: () => void first.kill('SIGTERM') }));
    expect(result.shards.find(({ worker }) => worker === 'a')?.lost).toContain('interrupted by SIGTERM');
    expect(result.shards.find(({ worker }) => worker === 'b')?.lost).toBeNull();
  });

  test('an aborted load hands over what it has', async () => {
    await startWorker('a');
    const workers = await joined();
    const stop = new AbortController();
    const plan = planFixture({ shape: { kind: 'constant', perSecond: 100, durationMs: 60_000 } });
    const result = await coordinate(load(workers, { plan, signal: stop.signal, onLive: () => stop.abort() }));
    expect(result.aborted).toBe(true);
    expect(lostShare(result)).toBeNull();
  });

  test('without a worker there is no run', async () => {
    await expect(joined(new Set(), 1_000)).rejects.toMatchObject({ code: 'MUSTER_NO_WORKERS', exitCode: 69 });
  });

  test('no secret is ever written to Redis; a worker without it refuses, one with it uses it', async () => {
    const written: string[] = [];
    const monitor = await admin.monitor();
    monitor.on('monitor', (_time: string, args: readonly string[]) => written.push(args.join(' ')));
    const { target, ...others } = restFixture(server);
    const { execute } = target.bindings;
    if (execute === undefined) throw new Error('the fixture binds it');
    const headers = { Authorization: `Bearer ${SECRET}`, 'X-Agent-Id': '${agent}' };
    const rest = {
      ...others,
      adminUrls: { postgres: `postgres://admin:${STORE_PASSWORD}@127.0.0.1:5432/shop` },
      target: { ...target, bindings: { execute: { ...execute, http: { ...execute.http, headers } } } },
    };
    const without = await startWorker('without');
    const first = await joined(new Set([SECRET]));
    await expect(coordinate(load(first, { rest }))).rejects.toMatchObject({
      code: 'MUSTER_SECRET_MISSING',
      message: 'The load worker does not have a secret of the target: MUSTER_SECRET_SHOP_TOKEN.',
    });
    await first[Symbol.asyncDispose]();
    pool = null;
    await end(without);
    await startWorker('with', { MUSTER_SECRET_SHOP_TOKEN: SECRET });
    const result = await coordinate(load(await joined(new Set([SECRET])), { rest }));
    expect(result.byOutcome.ok).toBe(200);
    expect(server.seen[0]?.headers.authorization).toBe(`Bearer ${SECRET}`);
    monitor.disconnect();
    expect(written.some((line) => line.includes('${secret:SHOP_TOKEN}'))).toBe(true);
    expect(written.filter((line) => line.includes(SECRET) || line.includes(STORE_PASSWORD))).toEqual([]);
  });
});
