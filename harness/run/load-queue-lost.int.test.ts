import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scratchStore, type ScratchStore } from '../environment/testing/scratch-stores.ts';
import { json, startLoopback, type Loopback } from '../target/testing/loopback.ts';
import { coordinate } from '../workers/coordinator.ts';
import { queueWorkers } from '../workers/queue-workers.ts';
import { serveQueue } from '../workers/queue-worker.ts';
import { planFixture, restFixture } from '../workers/testing/load-fixtures.ts';

const RUN = `lost-${process.pid}`;

let store: ScratchStore;
let server: Loopback;
let admin: Redis;

beforeEach(async () => {
  store = await scratchStore('redis');
  admin = new Redis(store.url);
  admin.on('error', () => undefined);
  server = await startLoopback({ http: (_request, response) => json(response, 200, { ok: true }) });
});

afterEach(async () => {
  admin.disconnect();
  await server[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

/** A worker of this process; `events` are its own words. */
function startWorker(): { readonly events: string[]; stop(): Promise<void> } {
  const end = new AbortController();
  const events: string[] = [];
  const serving = serveQueue({
    redisUrl: store.url,
    name: 'a',
    env: {},
    signal: end.signal,
    onEvent: (text) => events.push(text),
  });
  return {
    events,
    stop() {
      end.abort('the test is over');
      return serving;
    },
  };
}

function openPool(signal: AbortSignal): ReturnType<typeof queueWorkers> {
  return queueWorkers({
    redisUrl: store.url,
    runId: RUN,
    withReferences: (task) => task,
    onEvent: () => undefined,
    signal,
  });
}

describe('a queue', () => {
  test('that goes away in the middle of a load costs the load, and keeps nobody', async () => {
    const worker = startWorker();
    const pool = await openPool(new AbortController().signal);
    const plan = planFixture({ shape: { kind: 'constant', perSecond: 50, durationMs: 60_000 } });
    let gone = false;
    const onLive = (): void => {
      if (!gone) admin.shutdown('NOSAVE').catch(() => undefined);
      gone = true;
    };
    await expect(coordinate({ plan, rest: restFixture(server), workers: pool, onLive })).rejects.toMatchObject({
      code: 'MUSTER_LOAD_NOT_RUN',
      message: expect.stringMatching(/^the load worker was lost: a has not been heard of for /u) as string,
    });
    const stop = new AbortController();
    const waiting = coordinate({ plan, rest: restFixture(server), workers: pool, signal: stop.signal });
    stop.abort(new Error('its check has ended'));
    await expect(waiting).rejects.toThrow('its check has ended');
    await expect(coordinate({ plan, rest: restFixture(server), workers: pool })).rejects.toMatchObject({
      code: 'MUSTER_LOAD_NOT_RUN',
      message: expect.stringContaining('their queue does not answer') as string,
    });
    await expect.poll(() => worker.events, { timeout: 20_000 }).toContain(`left run ${RUN}`);
    await Promise.all([pool[Symbol.asyncDispose](), worker.stop()]);
    const sent = server.seen.length;
    expect(sent).toBeGreaterThan(0);
    expect(sent).toBeLessThan(3_000);
  });

  test('is not waited at for workers when the run is told to end', async () => {
    const stop = new AbortController();
    const opening = openPool(stop.signal);
    stop.abort(new Error('interrupted'));
    await expect(opening).rejects.toThrow('interrupted');
  });
});
