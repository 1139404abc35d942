import { describe, expect, it } from 'vitest';
import type { ClosedLoopOptions, ClosedLoopResult } from './closed-loop.ts';
import { closedLoop } from './closed-loop.ts';
import type { Action } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';

async function play(clock: VirtualClock, options: Omit<ClosedLoopOptions, 'clock'>): Promise<ClosedLoopResult> {
  const running = closedLoop({ ...options, clock });
  await clock.advanceTo(60_000);
  return running;
}

describe('closedLoop', () => {
  it('has each agent do its operations one after the other, all agents at once', async () => {
    const clock = new VirtualClock();
    const busy = new Map<number, number>();
    let peak = 0;
    const action: Action = ({ agent }) => {
      busy.set(agent, (busy.get(agent) ?? 0) + 1);
      expect(busy.get(agent)).toBe(1);
      peak = Math.max(
        peak,
        [...busy.values()].reduce((sum, n) => sum + n, 0),
      );
      return new Promise((resolve) => {
        clock.at(clock.nowMs() + 10, () => {
          busy.set(agent, 0);
          resolve({ outcome: 'ok', bytes: 3 });
        });
      });
    };
    const result = await play(clock, { agents: 4, perAgent: 5, timeoutMs: 1000, action });
    expect(peak).toBe(4);
    expect(result).toMatchObject({ scheduled: 20, done: 20, durationMs: 50, bytes: 60, fairness: 1, aborted: false, leaked: 0 });
    expect(result.latencyMs).toEqual({ p50: 10, p95: 10, p99: 10, max: 10 });
    expect(result.donePerSecond).toBeCloseTo(400, 6);
    expect(result.windows.reduce((sum, window) => sum + window.trials, 0)).toBe(20);
    expect(result.windows).toHaveLength(20);
  });

  it('shows an agent that is served worse than the others', async () => {
    const clock = new VirtualClock();
    const action: Action = ({ agent }) =>
      new Promise((resolve) => clock.at(clock.nowMs() + (agent === 0 ? 1000 : 10), () => resolve({ outcome: 'ok' })));
    const result = await play(clock, { agents: 2, perAgent: 3, timeoutMs: 5000, action });
    expect(result.agents.map((agent) => agent.perSecond)).toEqual([1, 100]);
    expect(result.agents.map((agent) => agent.meanMs)).toEqual([1000, 10]);
    // (1 + 100)² / (2 × (1 + 100²))
    expect(result.fairness).toBeCloseTo(0.50999, 4);
  });

  it('times an operation out as unknown and goes on with the next', async () => {
    const clock = new VirtualClock();
    const action: Action = ({ index }) => (index === 0 ? new Promise(() => undefined) : Promise.resolve({ outcome: 'ok' }));
    const result = await play(clock, { agents: 1, perAgent: 3, timeoutMs: 200, action });
    expect(result.byOutcome).toMatchObject({ unknown: 1, ok: 2 });
    expect(result.latencyMs?.max).toBe(200);
    expect(result.leaked).toBe(1);
  });

  it('ends at once when the caller aborts, and leaves out what was under way', async () => {
    const clock = new VirtualClock();
    const caller = new AbortController();
    clock.at(25, () => caller.abort());
    const action: Action = () => new Promise((resolve) => clock.at(clock.nowMs() + 10, () => resolve({ outcome: 'ok' })));
    const result = await play(clock, { agents: 2, perAgent: 100, timeoutMs: 1000, action, signal: caller.signal });
    expect(result).toMatchObject({ scheduled: 200, done: 4, aborted: true, durationMs: 25 });
    expect(result.byOutcome).toMatchObject({ ok: 4, unknown: 0 });
  });
});
