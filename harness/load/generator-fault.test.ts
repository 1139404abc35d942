import { describe, expect, it } from 'vitest';
import { generatorFault, selfCheck } from './generator-fault.ts';
import type { LoadResult, Quantiles } from './types.ts';

function quantiles(p99: number): Quantiles {
  return { p50: p99 / 10, p95: p99 / 2, p99, max: p99 * 2 };
}

/** A healthy result whose latencies are all `latencyMs`. */
function result(overrides: Partial<LoadResult> & { readonly latencyMs?: number }): LoadResult {
  const { latencyMs = 100, ...rest } = overrides;
  const byOutcome = { ok: 100, degraded: 0, shed: 0, rejected: 0, unknown: 0, wrong: 0 };
  const windows = [
    {
      startMs: 0,
      lengthMs: 500,
      latenciesMs: Array.from({ length: 100 }, () => latencyMs),
      successes: 100,
      trials: 100,
      achievedPerSecond: 200,
    },
  ];
  return {
    startedAtMs: 0,
    byOutcome,
    windows,
    windowMs: 500,
    elu: 0.1,
    cpuMs: 10,
    aborted: false,
    crashes: { count: 0, examples: [] },
    scheduled: 100,
    sent: 100,
    dropped: 0,
    unfinished: 0,
    cancelled: 0,
    queued: 0,
    peakInFlight: 10,
    maxInFlight: 100,
    timeoutMs: 10_000,
    leaked: 0,
    bytes: 0,
    serviceTimeMs: null,
    latenessMs: quantiles(1),
    requestedPerSecond: 200,
    offeredShare: 1,
    achievedPerSecond: 200,
    warmup: { durationMs: 0, scheduled: 0, byOutcome },
    selfCheck: { ok: true, reasons: [] },
    ...rest,
  };
}

const BOUND = { limitMs: 250, q: 0.95 };

describe('generatorFault', () => {
  it.each([
    { title: 'nothing is wrong', given: result({}) },
    {
      title: 'the latency is within its limit, however late the generator was',
      given: result({ latencyMs: 240, latenessMs: quantiles(200), elu: 0.95 }),
    },
    { title: 'the latency is beyond the limit also without the own delay', given: result({ latencyMs: 400, latenessMs: quantiles(70) }) },
    { title: 'the own delay is below the resolution of the limit', given: result({ latencyMs: 251, latenessMs: quantiles(1.2) }) },
    {
      title: 'arrivals waited for slots although there were enough for the limit',
      given: result({ latencyMs: 900, queued: 50, maxInFlight: 50 }),
    },
    { title: 'the caller aborted before the schedule was issued', given: result({ aborted: true, offeredShare: 0.4 }) },
  ])('finds no fault when $title', ({ given }) => {
    expect(generatorFault(given, BOUND)).toBeNull();
  });

  it('is a fault when the own delay could have turned the answer', () => {
    const fault = generatorFault(result({ latencyMs: 260, latenessMs: quantiles(20), elu: 0.4 }), BOUND);
    expect(fault).toBe('p95 260.0 ms is beyond 250.0 ms, but the generator itself was up to 40.0 ms late (event loop 40.0 % busy).');
  });

  it('is a fault when the slots were too few to tell the limit', () => {
    const fault = generatorFault(result({ latencyMs: 260, queued: 50, maxInFlight: 49 }), BOUND);
    expect(fault).toBe('50 arrivals waited for one of 49 slots; 50 are needed to tell a latency of 250.0 ms at this rate.');
  });

  it.each([BOUND, undefined])('is a fault when the pressure was below the schedule (bound %o)', (bound) => {
    const fault = generatorFault(result({ offeredShare: 0.95 }), bound);
    expect(fault).toContain('issued only 95.0 % of its schedule in time');
  });

  it.each([BOUND, undefined])('is a fault when an action threw (bound %o)', (bound) => {
    const fault = generatorFault(result({ crashes: { count: 2, examples: ['no such field'] } }), bound);
    expect(fault).toBe('The load action threw 2 times, first: no such field.');
  });

  it('is a fault of rates when the own stalls reach a tenth of a window', () => {
    expect(generatorFault(result({ latenessMs: quantiles(49) }))).toBeNull();
    expect(generatorFault(result({ latenessMs: quantiles(51) }))).toContain('51.0 ms late (p99), more than 50.0 ms');
  });
});

describe('selfCheck', () => {
  const fine = { latenessMs: quantiles(5), gatedLatencyMs: 100, elu: 0.5, offeredShare: 1, crashes: 0 };

  it.each([
    { title: 'passes a generator that keeps up', figures: fine, reasons: [] },
    {
      title: 'allows 1 ms of lateness to the fastest target',
      figures: { ...fine, gatedLatencyMs: 0.5, latenessMs: quantiles(1) },
      reasons: [],
    },
    {
      title: 'names the lateness',
      figures: { ...fine, latenessMs: quantiles(11) },
      reasons: ['send lateness p99 11.0 ms exceeds 10.0 ms'],
    },
    { title: 'names a busy loop', figures: { ...fine, elu: 0.71 }, reasons: ['event loop 71.0 % busy, more than 70.0 %'] },
    { title: 'names a missed rate', figures: { ...fine, offeredShare: 0.9 }, reasons: ['only 90.0 % of the schedule was issued in time'] },
  ])('$title', ({ figures, reasons }) => {
    expect(selfCheck(figures)).toEqual({ ok: reasons.length === 0, reasons });
  });
});
