import { describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import { runLoad } from './open-loop.ts';
import { constantRate } from './pacer.ts';
import type { Action, Arrival, LiveWindow, LoadOptions, LoadResult } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';
import { latenciesOf, latencyAt } from './windows.ts';

const BASE = { warmupMs: 0, maxInFlight: 1000, timeoutMs: 1000, drainMs: 1000 };

/** An action that answers `serviceMs(dueMs)` after it was sent, on the virtual clock. */
function answersAfter(clock: VirtualClock, serviceMs: (arrival: Arrival) => number): Action {
  return (arrival) =>
    new Promise((resolve) => {
      clock.at(clock.nowMs() + serviceMs(arrival), () => resolve({ outcome: 'ok', bytes: 10 }));
    });
}

async function play(clock: VirtualClock, options: Omit<LoadOptions, 'clock'>): Promise<LoadResult> {
  const running = runLoad({ ...options, clock });
  await clock.advanceTo(60_000);
  return running;
}

describe('runLoad', () => {
  it('settles every arrival in the window it was due in, with the latency from due', async () => {
    const clock = new VirtualClock();
    const result = await play(clock, {
      ...BASE,
      schedule: constantRate({ perSecond: 100, durationMs: 2000 }),
      action: answersAfter(clock, () => 7),
    });
    expect(result).toMatchObject({
      scheduled: 200,
      sent: 200,
      dropped: 0,
      unfinished: 0,
      cancelled: 0,
      queued: 0,
      peakInFlight: 1,
      bytes: 2000,
    });
    expect(result.byOutcome).toMatchObject({ ok: 200, unknown: 0 });
    expect(result.windows).toHaveLength(20);
    expect(result.windows.map((window) => window.trials)).toEqual(Array.from({ length: 20 }, () => 10));
    expect(latenciesOf(result).every((ms) => Math.abs(ms - 7) < 1e-6)).toBe(true);
    expect(result.achievedPerSecond).toBeCloseTo(100, 6);
    expect(result.selfCheck.reasons.filter((reason) => !reason.startsWith('event loop'))).toEqual([]);
  });

  it('sends on schedule through a stall of the target and shows the stall in the latencies', async () => {
    const clock = new VirtualClock();
    // Frozen from 1000 to 2000 ms: everything sent meanwhile is answered at 2000.
    const stalled = answersAfter(clock, ({ dueMs }) => (dueMs >= 1000 && dueMs < 2000 ? 2000 - clock.nowMs() : 2));
    const result = await play(clock, {
      ...BASE,
      timeoutMs: 5000,
      schedule: constantRate({ perSecond: 100, durationMs: 5000 }),
      action: stalled,
    });
    expect(result.sent).toBe(500);
    expect(result.latenessMs?.max).toBe(0);
    // 100 of 500 fell into the stall and waited 10, 20 … 1000 ms: ranks 450 and 495 are the 50th and the 95th of them.
    expect(latencyAt(result, 0.5)).toBeCloseTo(2, 6);
    expect(latencyAt(result, 0.9)).toBeCloseTo(500, 6);
    expect(latencyAt(result, 0.99)).toBeCloseTo(950, 6);
  });

  it('counts waiting for a slot as latency, and drops what waited longer than the time-out', async () => {
    const clock = new VirtualClock();
    const schedule = constantRate({ perSecond: 100, durationMs: 1000 });
    const result = await play(clock, {
      ...BASE,
      schedule,
      maxInFlight: 1,
      timeoutMs: 95,
      drainMs: 10_000,
      action: answersAfter(clock, () => 50),
    });
    expect(result.scheduled).toBe(100);
    expect(result.sent + result.dropped).toBe(100);
    // One slot of 50 ms serves 20 per second; for the rest there was none in time.
    expect(result.sent).toBeGreaterThanOrEqual(20);
    expect(result.sent).toBeLessThanOrEqual(22);
    expect(result.byOutcome.ok).toBe(result.sent);
    expect(result.windows.reduce((sum, window) => sum + window.trials, 0)).toBe(100);
    expect(result.queued).toBe(99);
    expect(result.peakInFlight).toBe(1);
    expect(latenciesOf(result).filter((ms) => ms === 95).length).toBeGreaterThanOrEqual(result.dropped - 1);
    expect(Math.max(...latenciesOf(result))).toBeLessThanOrEqual(95 + 50);
  });

  it('records a time-out as outcome unknown with the time it cost, and aborts the action', async () => {
    const clock = new VirtualClock();
    let aborted = 0;
    const action: Action = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted += 1;
          reject(new Error('aborted'));
        });
      });
    const result = await play(clock, { ...BASE, timeoutMs: 300, schedule: constantRate({ perSecond: 10, durationMs: 1000 }), action });
    expect(aborted).toBe(10);
    expect(result).toMatchObject({ sent: 10, unfinished: 0, crashes: { count: 0 } });
    expect(result.byOutcome.unknown).toBe(10);
    expect(latenciesOf(result).map(Math.round)).toEqual(Array.from({ length: 10 }, () => 300));
    expect(result.serviceTimeMs).toBeNull();
  });

  it('aborts at the end of the drain what is still under way and counts it as unfinished', async () => {
    const clock = new VirtualClock();
    const options = { ...BASE, timeoutMs: 60_000, drainMs: 200, schedule: constantRate({ perSecond: 10, durationMs: 1000 }) };
    const result = await play(clock, { ...options, action: answersAfter(clock, ({ index }) => (index < 9 ? 1 : 30_000)) });
    expect(result).toMatchObject({ scheduled: 10, sent: 10, unfinished: 1, leaked: 1 });
    expect(result.byOutcome).toMatchObject({ ok: 9, unknown: 1 });
    expect(Math.max(...latenciesOf(result))).toBeCloseTo(200, 6);
  });

  it('keeps the warm-up apart, but counts its answers as throughput when they arrive later', async () => {
    const clock = new VirtualClock();
    const schedule = constantRate({ perSecond: 10, durationMs: 3000 });
    const result = await play(clock, { ...BASE, schedule, warmupMs: 1000, action: answersAfter(clock, () => 150) });
    expect(result.warmup).toMatchObject({ durationMs: 1000, scheduled: 10 });
    expect(result.warmup.byOutcome.ok).toBe(10);
    expect(result).toMatchObject({ scheduled: 20, sent: 20 });
    expect(result.windows[0]?.startMs).toBe(1000);
    expect(result.achievedPerSecond).toBeCloseTo(10, 6);
  });

  it('sends all that came due after its own event loop was blocked, and says how late', async () => {
    const clock = new VirtualClock();
    const block: Action = async ({ index }) => {
      if (index === 10) clock.skip(500);
      return { outcome: 'ok' };
    };
    const result = await play(clock, { ...BASE, schedule: constantRate({ perSecond: 100, durationMs: 1000 }), action: block });
    expect(result.sent).toBe(100);
    expect(result.latenessMs?.max).toBeCloseTo(490, 6);
    expect(result.selfCheck.ok).toBe(false);
    expect(result.selfCheck.reasons.join()).toContain('send lateness p99');
  });

  it('resolves with what was measured until the caller aborts, and leaves out what was under way', async () => {
    const clock = new VirtualClock();
    const caller = new AbortController();
    clock.at(505, () => caller.abort());
    const schedule = constantRate({ perSecond: 100, durationMs: 10_000 });
    const signals: AbortSignal[] = [];
    const action: Action = (arrival, signal) => {
      signals.push(signal);
      if (arrival.index < 40) return Promise.resolve({ outcome: 'ok' });
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    };
    const result = await play(clock, { ...BASE, schedule, signal: caller.signal, action });
    expect(result).toMatchObject({ aborted: true, scheduled: 51, sent: 51, cancelled: 11, leaked: 0, crashes: { count: 0 } });
    expect(result.byOutcome).toMatchObject({ ok: 40, unknown: 0 });
    expect(result.windows.reduce((sum, window) => sum + window.trials, 0)).toBe(40);
    expect(result.windows.at(-1)).toMatchObject({ startMs: 500 });
    expect(signals.slice(40).every((signal) => signal.aborted)).toBe(true);
  });

  it('sends nothing when it is aborted before it begins', async () => {
    const clock = new VirtualClock();
    const schedule = constantRate({ perSecond: 100, durationMs: 1000 });
    const result = await play(clock, { ...BASE, schedule, signal: AbortSignal.abort(), action: answersAfter(clock, () => 1) });
    expect(result).toMatchObject({ aborted: true, scheduled: 0, sent: 0, windows: [] });
  });

  it('counts an action that rejects as our own defect', async () => {
    const clock = new VirtualClock();
    const action: Action = ({ index }) =>
      index === 3 ? Promise.reject(new TypeError('no such field')) : Promise.resolve({ outcome: 'ok' });
    const result = await play(clock, { ...BASE, schedule: constantRate({ perSecond: 10, durationMs: 1000 }), action });
    expect(result.crashes).toEqual({ count: 1, examples: ['no such field'] });
    expect(result.byOutcome).toMatchObject({ ok: 9, unknown: 1 });
    expect(result.selfCheck.reasons.join()).toContain('the load action threw 1 times');
  });

  it('deals arrivals to the agents in turn', async () => {
    const clock = new VirtualClock();
    const agents: number[] = [];
    const action: Action = async ({ agent }) => {
      agents.push(agent);
      return { outcome: 'ok' };
    };
    await play(clock, { ...BASE, agents: 3, schedule: constantRate({ perSecond: 7, durationMs: 1000 }), action });
    expect(agents).toEqual([0, 1, 2, 0, 1, 2, 0]);
  });

  it('counts only the declared outcomes as success', async () => {
    const schedule = constantRate({ perSecond: 10, durationMs: 1000 });
    const action: Action = async ({ index }) => ({ outcome: index % 2 === 0 ? 'degraded' : 'ok' });
    const successes = async (options: Partial<LoadOptions>) => {
      const result = await play(new VirtualClock(), { ...BASE, schedule, action, ...options });
      return result.windows.reduce((sum, window) => sum + window.successes, 0);
    };
    expect(await successes({})).toBe(5);
    expect(await successes({ successOutcomes: ['ok', 'degraded'] })).toBe(10);
  });

  it('tells a listener every half second what happened since', async () => {
    const clock = new VirtualClock();
    const live: LiveWindow[] = [];
    const options = {
      ...BASE,
      schedule: constantRate({ perSecond: 20, durationMs: 2100 }),
      onWindow: (window: LiveWindow) => live.push(window),
    };
    await play(clock, { ...options, action: answersAfter(clock, () => 5) });
    expect(live.map((window) => Math.round(window.elapsedMs))).toEqual([500, 1000, 1500, 2000]);
    expect(live.reduce((sum, window) => sum + window.trials, 0)).toBeGreaterThanOrEqual(39);
    expect(live[1]).toMatchObject({ sentPerSecond: 20, successes: 10, trials: 10 });
    expect(live[1]?.p95Ms).toBeCloseTo(5, 6);
  });

  it('refuses options that cannot measure anything, naming all of them', async () => {
    const schedule = constantRate({ perSecond: 10, durationMs: 1000 });
    const wrong = runLoad({ schedule, action: async () => ({ outcome: 'ok' }), warmupMs: 1000, maxInFlight: 0, timeoutMs: 0, drainMs: -1 });
    await expect(wrong).rejects.toThrow(MusterError);
    await expect(wrong).rejects.toThrow(/warmupMs is 1000.*maxInFlight is 0.*timeoutMs is 0.*drainMs is -1/);
  });
});
