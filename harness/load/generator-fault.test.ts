import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { generatorFault, selfCheck } from './generator-fault.ts';
import { loadResult as result, quantilesAround as quantiles } from './testing/load-result.ts';
import type { LoadResult } from './types.ts';

function calibration(before: number | null, after: number | null): LoadResult['calibration'] {
  const of = (p99: number | null) => ({
    perSecond: 200,
    durationMs: 500,
    latencyMs: p99 === null ? null : quantiles(p99),
    latenessMs: quantiles(1),
    elu: 0.1,
    cpuShare: 0.1,
  });
  return { before: of(before), after: of(after) };
}

const BOUND = { limitMs: 250, q: 0.95 };

describe('generatorFault', () => {
  it.each([
    { title: 'nothing is wrong', given: result({}) },
    {
      title: 'the latency is within its limit and the generator no later than a tenth of it',
      given: result({ latencyMs: 240, latenessMs: quantiles(25), elu: 0.7 }),
    },
    { title: 'the latency is beyond the limit also without the own delay', given: result({ latencyMs: 400, latenessMs: quantiles(24) }) },
    { title: 'the null server was slow only before the load', given: result({ calibration: calibration(80, 2) }) },
    { title: 'the null server was as fast as the limit needs', given: result({ calibration: calibration(25, 25) }) },
    { title: 'no null server was asked', given: result({ calibration: null }) },
    { title: 'the null server did not answer only after the load', given: result({ calibration: calibration(2, null) }) },
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

  it.each([100, 240, 400])(
    'is a fault when the generator was later than a tenth of the limit, whatever was measured (%d ms)',
    (latencyMs) => {
      const fault = generatorFault(result({ latencyMs, latenessMs: quantiles(26) }), BOUND);
      expect(fault).toBe('The generator sent 26.0 ms late (p99), more than 25.0 ms: too late to tell a latency of 250.0 ms.');
    },
  );

  it('allows a millisecond to the tightest limit', () => {
    expect(generatorFault(result({ latencyMs: 1, latenessMs: quantiles(1) }), { limitMs: 2, q: 0.99 })).toBeNull();
    expect(generatorFault(result({ latencyMs: 1, latenessMs: quantiles(1.1) }), { limitMs: 2, q: 0.99 })).toContain('more than 1.00 ms');
  });

  it('is a fault when the null server could not have told the limit before nor after', () => {
    const fault = generatorFault(result({ calibration: calibration(31, 26) }), BOUND);
    expect(fault).toBe(
      'A server that does nothing took 31.0 ms before and 26.0 ms after the load (p99), more than 25.0 ms: this machine cannot tell a latency of 250.0 ms now.',
    );
  });

  it.each([
    [null, null, 'took forever before and forever after'],
    [31, null, 'took 31.0 ms before and forever after'],
  ])('is a fault when the null server did not answer (%s, %s)', (before, after, words) => {
    expect(generatorFault(result({ calibration: calibration(before, after) }), BOUND)).toContain(words);
  });

  it.each([BOUND, undefined])('never believes a starved generator, whatever it measured (bound %o)', (bound) => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1000, noNaN: true }),
        fc.double({ min: 0.701, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 0.989, noNaN: true }),
        (latencyMs, elu, offeredShare) => {
          expect(generatorFault(result({ latencyMs, elu }), bound)).toContain('The generator was starved');
          expect(generatorFault(result({ latencyMs, offeredShare }), bound)).toContain('of its schedule in time');
        },
      ),
    );
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
