import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Pool } from 'undici';
import { closedLoop } from './closed-loop.ts';
import { successRatio } from './observations.ts';
import { runLoad } from './open-loop.ts';
import { constantRate } from './pacer.ts';
import type { Action } from './types.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const open: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

/** A TCP server that does with each request what `serve` says, and an action that asks it. */
async function target(serve: (socket: Socket, request: number) => void): Promise<Action> {
  const sockets = new Set<Socket>();
  let requests = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.on('data', () => serve(socket, (requests += 1)));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const pool = new Pool(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { connections: 200 });
  open.push(async () => {
    await pool.destroy();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return async (_, signal) => {
    try {
      const answer = await pool.request({ path: '/', method: 'GET', signal });
      const text = await answer.body.text();
      return { outcome: text === 'ok' ? 'ok' : 'wrong', bytes: text.length };
    } catch {
      // A reset, a garbled answer, an abort: it may have happened.
      return { outcome: 'unknown' };
    }
  };
}

const OPTIONS = { warmupMs: 0, maxInFlight: 200, timeoutMs: 2000, drainMs: 2000 };

describe('load against a real server', () => {
  it('shows a stall of the server in the latencies of all who came meanwhile', async () => {
    const held: Socket[] = [];
    const action = await target((socket, request) => {
      if (request < 50 || request > 90) return void socket.write(ANSWER);
      held.push(socket);
      // The stall ends when the 91st asks; nobody is served in between.
      if (request === 90) for (const waiting of held.splice(0)) waiting.write(ANSWER);
      return undefined;
    });
    const result = await runLoad({ ...OPTIONS, schedule: constantRate({ perSecond: 200, durationMs: 1000 }), action });
    expect(result).toMatchObject({ scheduled: 200, sent: 200, dropped: 0, unfinished: 0, leaked: 0 });
    expect(result.byOutcome.ok).toBe(200);
    // 41 requests at 5 ms distance were held until the last of them was due: half of them for 100 ms and more.
    const stalled = result.windows.flatMap((window) => window.latenciesMs).filter((ms) => ms >= 95);
    expect(stalled.length).toBeGreaterThanOrEqual(20);
  });

  it('records resets, garbage and silence as data, never as an error', async () => {
    const action = await target((socket, request) => {
      if (request % 4 === 0) socket.resetAndDestroy();
      else if (request % 4 === 1) socket.write('not http at all\r\n\r\n');
      else if (request % 4 === 2) socket.write(ANSWER.replace('ok', 'no'));
      else socket.pause();
    });
    const options = { ...OPTIONS, timeoutMs: 200, schedule: constantRate({ perSecond: 100, durationMs: 400 }) };
    const result = await runLoad({ ...options, action });
    expect(result).toMatchObject({ scheduled: 40, sent: 40, crashes: { count: 0 }, leaked: 0 });
    expect(result.byOutcome.ok).toBe(0);
    expect(result.byOutcome.unknown + result.byOutcome.wrong).toBe(40);
    expect(successRatio(result)).toMatchObject({ successes: 0, trials: 40 });
  });

  it('drops what finds no slot in time when the server never answers', async () => {
    const action = await target(() => undefined);
    const options = { ...OPTIONS, maxInFlight: 2, timeoutMs: 100, schedule: constantRate({ perSecond: 200, durationMs: 500 }) };
    const result = await runLoad({ ...options, action });
    expect(result.scheduled).toBe(100);
    expect(result.sent + result.dropped).toBe(100);
    expect(result.dropped).toBeGreaterThan(result.sent);
    expect(result.peakInFlight).toBe(2);
    expect(result.byOutcome.unknown).toBe(result.sent);
    expect(result.achievedPerSecond).toBe(0);
  });

  it('returns soon after an abort with every request ended', async () => {
    let asked = 0;
    const caller = new AbortController();
    const action = await target(() => {
      asked += 1;
      if (asked === 20) caller.abort();
    });
    const options = { ...OPTIONS, timeoutMs: 600_000, drainMs: 600_000, schedule: constantRate({ perSecond: 200, durationMs: 600_000 }) };
    const result = await runLoad({ ...options, action, signal: caller.signal });
    expect(result.aborted).toBe(true);
    expect(result.leaked).toBe(0);
    expect(result.cancelled).toBe(result.sent);
  });

  it('serves all agents of a closed loop', async () => {
    const action = await target((socket) => void socket.write(ANSWER));
    const result = await closedLoop({ agents: 8, perAgent: 10, timeoutMs: 2000, action });
    expect(result.byOutcome.ok).toBe(80);
    expect(result.agents.map((agent) => agent.successes)).toEqual(Array.from({ length: 8 }, () => 10));
    expect(result.bytes).toBe(160);
  });
});
