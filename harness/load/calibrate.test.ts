import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { calibrate, calibrationRate } from './calibrate.ts';
import { startNullServer } from './null-server.ts';
import type { Operation } from './operation.ts';

/** GET / over kept-alive connections. */
function get(origin: string): Operation {
  const agent = new Agent({ keepAlive: true });
  return {
    name: 'get',
    start(call) {
      const sent = request(origin, { agent }, (answer) => {
        answer.resume().on('end', () => call.end(answer.statusCode === 200 ? 'ok' : 'wrong'));
      });
      sent.on('error', () => call.end('unknown')).end();
    },
    async [Symbol.asyncDispose]() {
      agent.destroy();
    },
  };
}

const AT = { perSecond: 500, durationMs: 200 };

describe('calibrate', () => {
  it('reports what a null server, this process and this machine add', async () => {
    await using server = await startNullServer();
    await using operation = get(server.origin);
    const { latencyMs, latenessMs, elu, cpuShare, perSecond } = await calibrate({ operation, ...AT });
    expect(perSecond).toBe(500);
    expect(latencyMs?.p50).toBeGreaterThan(0);
    expect(latencyMs?.max).toBeGreaterThanOrEqual(latencyMs?.p99 ?? Number.NaN);
    expect(latenessMs?.p50).toBeGreaterThanOrEqual(0);
    expect(elu).toBeGreaterThan(0);
    expect(elu).toBeLessThanOrEqual(1);
    expect(cpuShare).toBeGreaterThan(0);
  });

  it('tells nothing of a server that does not answer', async () => {
    const server = await startNullServer();
    await server[Symbol.asyncDispose]();
    await using operation = get(server.origin);
    expect((await calibrate({ operation, ...AT })).latencyMs).toBeNull();
  });
});

describe('calibrationRate', () => {
  it.each([
    [1, 100],
    [150, 150],
    [9000, 2000],
  ])('of a load at %d/s is %d/s', (perSecond, expected) => {
    expect(calibrationRate(perSecond)).toBe(expected);
  });
});
