import { describe, expect, it } from 'vitest';
import { Histogram } from './histogram.ts';
import { mergeReports } from './merge.ts';
import type { Call, Operation } from './operation.ts';
import type { LoadPlan } from './plan.ts';
import { WHOLE } from './plan.ts';
import type { ShardReport, ShardSnapshot } from './shard-report.ts';
import type { ShardOptions } from './shard.ts';
import { runShard } from './shard.ts';
import type { LoadResult } from './types.ts';
import { VirtualClock } from './virtual-clock.ts';

const PLAN: LoadPlan = {
  id: 'test',
  suite: 'test',
  label: 'test',
  shape: { kind: 'constant', perSecond: 100, durationMs: 2000 },
  arrivals: 'even',
  seed: 1,
  agents: 4,
  mix: [{ operation: 'one', weight: 1 }],
  warmupMs: 0,
  maxInFlight: 1000,
  timeoutMs: 1000,
  drainMs: 1000,
};

type Start = (call: Call, clock: VirtualClock) => void;

const afterMs =
  (ms: number): Start =>
  (call, clock) =>
    void clock.at(clock.nowMs() + ms, () => call.end('ok', 2));

interface Given extends Omit<Partial<ShardOptions>, 'plan' | 'operations' | 'clock'> {
  readonly plan?: Partial<LoadPlan>;
  readonly clock?: VirtualClock;
}

function begin(start: Start, { plan, clock = new VirtualClock(), ...rest }: Given): Promise<ShardReport> {
  const operation: Operation = { name: 'one', start: (call) => start(call, clock), async [Symbol.asyncDispose]() {} };
  return runShard({ plan: { ...PLAN, ...plan }, shard: WHOLE, operations: [operation], clock, ...rest });
}

async function play(start: Start, given: Given = {}): Promise<ShardReport> {
  const clock = given.clock ?? new VirtualClock();
  const running = begin(start, { ...given, clock });
  await clock.advanceTo(60_000);
  return running;
}

function whole(report: ShardReport): LoadResult {
  return mergeReports([report], []);
}

describe('a shard', () => {
  it('numbers its arrivals as the whole schedule does, and deals the agents by that', async () => {
    const seen: Call['arrival'][] = [];
    const report = await play(
      (call) => {
        seen.push(call.arrival);
        call.end('ok');
      },
      { shard: { index: 1, of: 3 }, plan: { shape: { kind: 'constant', perSecond: 10, durationMs: 1000 } } },
    );
    expect(seen.map(({ index, agent, dueMs }) => [index, agent, Math.round(dueMs)])).toEqual([
      [1, 1, 100],
      [4, 0, 400],
      [7, 3, 700],
    ]);
    expect(report.frame).toMatchObject({ perSecond: 10, maxInFlight: 1000, durationMs: 1000 });
    expect(report.counts).toMatchObject({ scheduled: 3, sent: 3 });
  });

  it('begins at the agreed instant', async () => {
    const clock = new VirtualClock();
    const sentAtMs: number[] = [];
    const start: Start = (call) => {
      sentAtMs.push(clock.nowMs());
      call.end('ok');
    };
    const report = await play(start, { clock, startAtMs: 5000 });
    expect(sentAtMs[0]).toBe(5000);
    expect(report).toMatchObject({ startedAtMs: 5000, firstSendErrorMs: 0 });
  });

  it('is late by what has passed already of the agreed instant, and sends everything', async () => {
    const clock = new VirtualClock();
    clock.skip(1000);
    const report = await play(afterMs(1), { clock, startAtMs: 700 });
    expect(report).toMatchObject({ startedAtMs: 700, firstSendErrorMs: 300 });
    const result = whole(report);
    expect(result).toMatchObject({ scheduled: 200, sent: 200 });
    expect(result.latenessMs?.max).toBe(300);
    expect(result.windows[0]?.latenciesMs[0]).toBe(301);
  });

  it('can be aborted while it waits for the agreed instant', async () => {
    const clock = new VirtualClock();
    const caller = new AbortController();
    clock.at(100, () => caller.abort());
    const report = await play(afterMs(1), { clock, startAtMs: 5000, signal: caller.signal });
    expect(report).toMatchObject({ aborted: true, endMs: 0, firstSendErrorMs: null, counts: { sent: 0 } });
  });

  it('cuts calls off at their time-out and at an abort, and does not wait for those that obey', async () => {
    const clock = new VirtualClock();
    const caller = new AbortController();
    clock.at(1505, () => caller.abort());
    let cancelled = 0;
    const start: Start = (call) => {
      call.cancel = () => {
        cancelled += 1;
      };
    };
    const running = begin(start, { clock, signal: caller.signal, plan: { timeoutMs: 500 } });
    await clock.advanceTo(1505);
    // The time stands still: nothing is left to wait for.
    const report = await running;
    expect(report.counts).toMatchObject({ sent: 151, cancelled: 50, leaked: 0 });
    expect(cancelled).toBe(151);
    expect(whole(report).byOutcome.unknown).toBe(101);
  });

  it('counts as leaked what cannot be cut off and does not end in the time of grace', async () => {
    const start: Start = (call, clock) => void clock.at(clock.nowMs() + (call.arrival.index < 190 ? 1300 : 60_000), () => call.end('ok'));
    const report = await play(start);
    expect(report.counts).toMatchObject({ sent: 200, leaked: 10 });
    expect(whole(report).byOutcome).toMatchObject({ ok: 0, unknown: 200 });
  });

  it('takes the first end of a call only', async () => {
    const start: Start = (call) => {
      call.end('shed', 5);
      call.end('ok', 7);
      call.crash(new Error('late'));
    };
    const result = whole(await play(start));
    expect(result).toMatchObject({ bytes: 1000, crashes: { count: 0 }, leaked: 0, byOutcome: { shed: 200, ok: 0 } });
  });

  it('counts an operation that throws or crashes as our own defect', async () => {
    const start: Start = (call) => {
      if (call.arrival.index === 3) throw new TypeError('thrown');
      if (call.arrival.index === 4) call.crash(new Error('told'));
      else call.end('ok');
    };
    const result = whole(await play(start));
    expect(result.crashes).toEqual({ count: 2, examples: ['thrown', 'told'] });
    expect(result.byOutcome).toMatchObject({ ok: 198, unknown: 2 });
  });

  it('serves a long queue of operations that end at once without deep calls', async () => {
    const held: Call[] = [];
    const start: Start = (call, clock) => {
      if (call.arrival.index > 0) return call.end('ok');
      held.push(call);
      clock.at(900, () => held[0]?.end('ok'));
      return undefined;
    };
    const plan = { maxInFlight: 1, shape: { kind: 'constant' as const, perSecond: 20_000, durationMs: 1000 } };
    const result = whole(await play(start, { plan }));
    expect(result).toMatchObject({ scheduled: 20_000, sent: 20_000, dropped: 0, peakInFlight: 1 });
    expect(result.queued).toBeGreaterThanOrEqual(17_999);
  });

  it('refuses a plan that cannot measure anything', async () => {
    await expect(begin(afterMs(1), { plan: { warmupMs: 2000, maxInFlight: 0 } })).rejects.toThrow(/warmupMs.*maxInFlight/);
  });
});

describe('snapshots of a shard', () => {
  it('add up to what it did, one each second and one at the end', async () => {
    const snapshots: ShardSnapshot[] = [];
    const onSnapshot = (snapshot: ShardSnapshot) => snapshots.push(snapshot);
    await play(afterMs(300), { onSnapshot, plan: { warmupMs: 500 } });
    expect(snapshots.map(({ elapsedMs }) => Math.round(elapsedMs))).toEqual([1000, 2000, 2290]);
    const sum = (name: 'scheduled' | 'sent' | 'settled' | 'successes') => snapshots.reduce((total, one) => total + one[name], 0);
    expect([sum('scheduled'), sum('sent'), sum('settled'), sum('successes')]).toEqual([200, 200, 200, 200]);
    const latency = new Histogram();
    for (const snapshot of snapshots) latency.absorb(Histogram.decode(snapshot.latency));
    expect(latency.count).toBe(200);
    expect(latency.quantile(0.5)).toBeCloseTo(300, 0);
  });
});

describe('snapshots of a shard whose loop was blocked', () => {
  it('go on at once and then each second', async () => {
    const clock = new VirtualClock();
    const elapsedMs: number[] = [];
    const onSnapshot = (snapshot: ShardSnapshot) => elapsedMs.push(Math.round(snapshot.elapsedMs));
    const start: Start = (call) => {
      if (call.arrival.index === 120) clock.skip(1400);
      call.end('ok');
    };
    await play(start, { clock, onSnapshot, plan: { shape: { kind: 'constant', perSecond: 100, durationMs: 4000 } } });
    expect(elapsedMs).toEqual([1000, 2600, 3000, 3990]);
  });
});

describe('a load that has failed', () => {
  const plan = { stopWhen: { successBelow: 0.9, overMs: 1000 }, shape: { kind: 'constant' as const, perSecond: 100, durationMs: 20_000 } };

  it('is stopped, and says so', async () => {
    const start: Start = (call) => call.end(call.arrival.dueMs > 5000 && call.arrival.index % 2 === 0 ? 'shed' : 'ok');
    const report = await play(start, { plan });
    const result = whole(report);
    expect(result.stopped).toMatch(/^\d+ of \d+ requests succeeded within 1 s, less than 90 %$/);
    expect(result).toMatchObject({ aborted: false });
    expect(result.scheduled).toBeGreaterThan(500);
    expect(result.scheduled).toBeLessThan(700);
    expect(result.windows.length).toBeLessThan(20);
  });

  it('runs to its end while nothing is proven', async () => {
    const start: Start = (call) => call.end(call.arrival.index % 10 === 0 ? 'shed' : 'ok');
    const result = whole(await play(start, { plan }));
    expect(result).toMatchObject({ stopped: null, scheduled: 2000 });
  });

  it('is not judged by its warm-up', async () => {
    const start: Start = (call) => call.end(call.arrival.dueMs < 5000 ? 'shed' : 'ok');
    const result = whole(await play(start, { plan: { ...plan, warmupMs: 5000 } }));
    expect(result).toMatchObject({ stopped: null, scheduled: 1500 });
  });

  it('is left to whoever coordinates when it is one share of several', async () => {
    const report = await play((call) => call.end('shed'), { plan, shard: { index: 0, of: 2 } });
    expect(report).toMatchObject({ stopped: null, counts: { scheduled: 1000 } });
  });
});
