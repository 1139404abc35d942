import { describe, expect, test } from 'vitest';
import type { ShardReport, ShardSnapshot } from '../load/index.ts';
import { Histogram } from '../load/histogram.ts';
import { liveTotal } from './live-total.ts';
import { pauseBetween, ShareState, SILENT_MS } from './share-state.ts';

function snapshot(changes: Partial<ShardSnapshot> = {}, latenciesMs: readonly number[] = [10]): ShardSnapshot {
  const latency = new Histogram();
  for (const ms of latenciesMs) latency.add(ms);
  return { elapsedMs: 1_000, scheduled: 25, sent: 25, settled: 25, successes: 24, latency: latency.encode(), ...changes };
}

function share(): ShareState {
  return new ShareState({ index: 1, of: 4 }, 0);
}

describe('a share', () => {
  test('is lost with the last thing heard of it', () => {
    const state = share();
    state.hear({ kind: 'taken', worker: 'local 7' }, 1);
    state.hear({ kind: 'ready' }, 2);
    state.begins(1_000, 11_000);
    state.hear({ kind: 'began', lateMs: 0.4 }, 1_001);
    state.hear({ kind: 'beat', snapshots: [snapshot(), snapshot({ elapsedMs: 1_500 })] }, 2_500);
    state.hear({ kind: 'lost', reason: 'was ended by SIGKILL' }, 3_000);
    expect(state.fate()).toEqual({
      index: 1,
      of: 4,
      worker: 'local 7',
      lost: 'was ended by SIGKILL 2.0 s into the load; until 1.5 s it had said 48 good of 50',
      startErrorMs: 0.4,
    });
  });

  test('stays lost, whatever is heard afterwards', () => {
    const state = share();
    state.hear({ kind: 'lost', reason: 'was ended by SIGKILL' }, 10);
    state.hear({ kind: 'done', report: {} as ShardReport }, 11);
    expect(state.stage).toBe('lost');
    expect(state.report).toBeNull();
    expect(state.fate().lost).toBe('was ended by SIGKILL while it got ready');
  });

  test('is lost when its worker falls silent, and not while its process comes up', () => {
    const state = share();
    state.tick(SILENT_MS + 1);
    expect(state.over).toBe(false);
    state.hear({ kind: 'beat', snapshots: [] }, 5_000);
    state.tick(5_000 + SILENT_MS);
    expect(state.over).toBe(false);
    state.tick(5_001 + SILENT_MS);
    expect(state.fate().lost).toBe('has not been heard of for 2.5 s while it got ready');
  });

  test('is not lost by a pause of whoever listens', () => {
    const state = share();
    state.hear({ kind: 'beat', snapshots: [] }, 1_000);
    const pausedMs = pauseBetween(1_250, 61_250, 250);
    expect(pausedMs).toBe(59_750);
    state.tick(61_250, pausedMs);
    expect(state.over).toBe(false);
    // A worker that says nothing afterwards is lost all the same.
    state.tick(61_250 + SILENT_MS);
    expect(state.stage).toBe('lost');
    expect([pauseBetween(0, 500, 250), pauseBetween(0, 501, 250)]).toEqual([0, 251]);
  });

  test('may be silent for longer while it makes its report', () => {
    const state = share();
    state.hear({ kind: 'beat', snapshots: [] }, 900);
    state.begins(0, 1_000);
    state.tick(1_001 + SILENT_MS);
    expect(state.over).toBe(false);
  });
});

describe('live figures of several workers', () => {
  test('add up, and the percentile is that of all their latencies', () => {
    const total = liveTotal([
      { sinceMs: 0, snapshot: snapshot({}, [1, 2, 3]) },
      { sinceMs: 500, snapshot: snapshot({ elapsedMs: 1_000, sent: 10 }, [50, 60]) },
    ]);
    expect(total).toEqual({ workers: 2, elapsedMs: 1_000, sentPerSecond: 45, p95Ms: 60 });
  });

  test('say nothing while nothing has been heard', () => {
    expect(liveTotal([])).toBeNull();
    expect(liveTotal([{ sinceMs: 0, snapshot: snapshot({}, []) }])?.p95Ms).toBeNull();
  });
});
