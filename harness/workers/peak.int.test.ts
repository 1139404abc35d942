import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../model/testing/certificates.ts';
import { json, type Loopback, type LoopbackHandlers, startLoopback } from '../target/testing/loopback.ts';
import { closedLoopPeak, type PeakOptions } from './peak.ts';

let pids: number[];
const open: Loopback[] = [];

beforeEach(() => {
  pids = [];
});

afterEach(async () => {
  for (const server of open.splice(0)) await server[Symbol.asyncDispose]();
  const left = pids.filter(alive);
  if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
});

async function options(http: NonNullable<LoopbackHandlers['http']>, changes: Partial<PeakOptions> = {}): Promise<PeakOptions> {
  const server = await startLoopback({ http });
  open.push(server);
  return optionsFor(server.url, changes);
}

function optionsFor(url: string, changes: Partial<PeakOptions> = {}): PeakOptions {
  const request = { method: 'GET', path: '/', headers: {}, body: null };
  const times = { warmupMs: 100, durationMs: 400, timeoutMs: 1000 };
  return { url, request, connections: 4, ...times, onSpawn: (pid) => pids.push(pid), ...changes };
}

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the closed-loop peak', () => {
  it('sends the request it is given over its connections and measures fractions of milliseconds', async () => {
    const ports = new Set<number | undefined>();
    const request = { method: 'POST', path: '/a?b=c', headers: { 'content-type': 'application/json', 'x-a': 'b' }, body: '{"n":1}' };
    const given = await options(
      (_, response) => {
        ports.add(response.socket?.remotePort);
        json(response, 200, {});
      },
      { request },
    );
    const result = await closedLoopPeak(given);
    expect(result).toMatchObject({ label: 'closed loop (autocannon 9)', connections: 4, non2xx: 0, errors: 0, timeouts: 0, lost: 0 });
    expect(result.answers).toBeGreaterThan(10);
    expect(result.perSecond).toBeCloseTo((result.answers * 1000) / result.measuredMs, 6);
    expect(result.latencyMs?.p50).toBeGreaterThan(0);
    expect(result.elu).toBeGreaterThan(0);
    expect(ports.size).toBe(4);
    expect(open[0]?.seen[0]).toMatchObject({ method: 'POST', url: '/a?b=c', body: '{"n":1}', headers: { 'x-a': 'b' } });
    expect(open[0]?.seen.length).toBeGreaterThan(result.answers);
  });

  it('counts time-outs as latencies, and what is unanswered at the end', async () => {
    const result = await closedLoopPeak(await options(() => {}, { timeoutMs: 250, durationMs: 1800, connections: 2 }));
    expect(result).toMatchObject({ answers: 0, perSecond: 0, lost: 0 });
    expect(result.timeouts).toBeGreaterThanOrEqual(2);
    expect(result.latencyMs?.max).toBeGreaterThanOrEqual(1000);
  });

  it('tells bad answers, lost requests and refused connections apart', async () => {
    const bad = await closedLoopPeak(await options((_, response) => json(response, 503, {})));
    expect(bad).toMatchObject({ perSecond: 0, errors: 0, timeouts: 0, lost: 0, non2xx: bad.answers });
    const closing = await closedLoopPeak(await options((_, response) => response.socket?.end()));
    expect(closing.answers).toBe(0);
    expect(closing.lost).toBeGreaterThan(0);
    const gone = await startLoopback({});
    await gone[Symbol.asyncDispose]();
    const refused = await closedLoopPeak(optionsFor(gone.url));
    expect(refused).toMatchObject({ answers: 0, perSecond: 0 });
    expect(refused.errors).toBeGreaterThan(0);
  });

  it('ends at once when it is aborted', async () => {
    const stop = new AbortController();
    const given = await options((_, response) => stop.abort(new Error(`enough ${response.statusCode}`)), {
      durationMs: 60_000,
      signal: stop.signal,
    });
    await expect(closedLoopPeak(given)).rejects.toThrow('enough');
    expect(pids).toHaveLength(1);
  });

  it('sends nothing to a host that nobody allowed', async () => {
    await expect(closedLoopPeak(optionsFor('http://203.0.113.1'))).rejects.toMatchObject({ code: 'MUSTER_HOST_NOT_ALLOWED' });
    expect(pids).toEqual([]);
  });

  it('does not outlive whoever started it', async () => {
    const program = fileURLToPath(new URL('../../dist/harness/workers/peak-main.js', import.meta.url));
    const server = await startLoopback({ http: (_, response) => json(response, 200, {}) });
    open.push(server);
    const child = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'ignore'] });
    pids.push(child.pid ?? 0);
    const { url, request, ...rest } = optionsFor(server.url, { durationMs: 60_000 });
    child.stdin.write(`${JSON.stringify({ origin: url, request, ...rest })}\n`);
    while (server.seen.length === 0 && child.exitCode === null) await new Promise((resolve) => setImmediate(resolve));
    const exited = once(child, 'exit');
    child.stdin.end();
    await exited;
    expect(server.seen.length).toBeGreaterThan(0);
    expect(child).toMatchObject({ exitCode: 0, signalCode: null });
  });

  it('checks certificates although autocannon would not', async () => {
    const authority = createAuthority('An Authority');
    const server = await startLoopback({
      tls: authority.issue({ name: 'api', hosts: ['127.0.0.1'] }),
      http: (_, response) => json(response, 200, {}),
    });
    open.push(server);
    const refused = await closedLoopPeak(optionsFor(server.url));
    expect({ answers: refused.answers, seen: server.seen.length }).toEqual({ answers: 0, seen: 0 });
    expect(refused.errors).toBeGreaterThan(0);
    const tls = { ca: authority.cert, cert: null, key: null, serverName: null };
    const { answers, errors } = await closedLoopPeak(optionsFor(server.url, { tls }));
    expect({ answered: answers > 0, errors }).toEqual({ answered: true, errors: 0 });
    expect(server.accepted.handshakes).toBeLessThanOrEqual(4);
  });
});
