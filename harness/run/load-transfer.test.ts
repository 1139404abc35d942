import { expect, test } from 'vitest';
import { loadResult } from '../load/testing/load-result.ts';
import { packLoad, unpackLoad, type PackedLoad } from './load-transfer.ts';

test('a result arrives as it was, through JSON', () => {
  const window = {
    startMs: 0,
    lengthMs: 1_000,
    latenciesMs: [0.1, 1 / 3, 4711.123456789],
    successes: 3,
    inTime: 1,
    late: 0,
    byOutcome: loadResult().byOutcome,
    trials: 3,
    achievedPerSecond: 3,
  };
  const result = { ...loadResult(), windows: [window, { ...window, latenciesMs: [] }] };
  const arrived = JSON.parse(JSON.stringify(packLoad(result))) as PackedLoad;
  expect(unpackLoad(arrived)).toEqual(JSON.parse(JSON.stringify(result)));
});

test('a million latencies fit into a message of the control channel', () => {
  const latenciesMs = Array.from({ length: 1_000_000 }, (_, index) => index / 7);
  const window = {
    startMs: 0,
    lengthMs: 1_000,
    latenciesMs,
    successes: 0,
    inTime: 1,
    late: 0,
    byOutcome: loadResult().byOutcome,
    trials: 0,
    achievedPerSecond: 0,
  };
  const result = loadResult();
  const operation = { name: 'execute', scheduled: 0, byOutcome: loadResult().byOutcome, latencyMs: null, windows: [window] };
  const text = JSON.stringify(packLoad({ ...result, windows: [window], operations: [operation] }));
  expect(text.length).toBeLessThan(64 * 1024 * 1024);
});
