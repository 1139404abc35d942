import { describe, expect, it } from 'vitest';
import { recordGo } from '../../fixtures/record-go.ts';
import { recordNoGo } from '../../fixtures/record-no-go.ts';
import { operationTimeline } from './operations.ts';
import { latencyAt, percentilePlot, quantileName } from './percentiles.ts';
import { seriesChart } from './series.ts';
import { timeline } from './timeline.ts';

const NOGO = recordNoGo();
const CHARTS = {
  percentiles: String(NOGO.distributions.map(percentilePlot)),
  series: String(
    seriesChart(
      NOGO.series.filter(({ suite, unit }) => suite === 'recovery' && unit === 'rps'),
      NOGO.faults,
    ),
  ),
  timeline: String(timeline(NOGO)),
  operations: String(
    operationTimeline('t', NOGO.criteria.flatMap(({ witnesses }) => witnesses).find(({ timeline: bars }) => bars !== null)?.timeline ?? []),
  ),
};

describe.each(Object.entries(CHARTS))('the %s chart', (_, chart) => {
  it('has a role, a title, a description and its data as a table', () => {
    expect(chart).toMatch(
      /<svg role="img" aria-labelledby="(\S+)-t \1-d"[^>]*><title id="\1-t">[^<]+<\/title><desc id="\1-d">[^<]+<\/desc>/u,
    );
    expect(chart).toMatch(/<details><summary>Data of this chart<\/summary>[^]*<caption[^>]*>[^<]+<\/caption>[^]*<\/table>/u);
  });

  it('is drawn with presentation attributes alone, on finite coordinates', () => {
    expect(chart).not.toMatch(/style=|NaN|Infinity|undefined/u);
    expect(chart).toMatch(/(?:fill|stroke)="#[0-9a-f]{6}"/u);
  });
});

describe('percentilePlot', () => {
  it('marks a limit that is kept with a dot and one that is exceeded with a cross, and says so in words', () => {
    const [kept] = recordGo().distributions;
    if (kept === undefined) throw new Error('the fixture has a distribution');
    const exceeded = { ...kept, marks: [{ q: 0.95, limitMs: 10, criterion: 'benchmark.latency_p95' }] };
    expect(String(percentilePlot(kept))).toContain('limit of 250 ms at p95 kept');
    expect(String(percentilePlot(kept))).toContain('<circle');
    expect(String(percentilePlot(exceeded))).toContain('limit of 10 ms at p95 exceeded');
    expect(String(percentilePlot(exceeded))).not.toContain('<circle');
  });

  it('draws nothing without quantiles', () => {
    const [first] = recordGo().distributions;
    if (first === undefined) throw new Error('the fixture has a distribution');
    expect(percentilePlot({ ...first, quantiles: [] })).toBeNull();
  });
});

describe('latencyAt', () => {
  it('reads recorded quantiles, interpolates between them and knows nothing outside', () => {
    const quantiles = [[0.5, 10] as const, [0.9, 30] as const];
    expect([0.5, 0.7, 0.9, 0.95, 0.1].map((q) => latencyAt(quantiles, q))).toEqual([10, 20, 30, null, null]);
  });
});

describe('quantileName', () => {
  it('names percentiles without rounding noise', () => {
    expect([0, 0.5, 0.95, 0.995, 0.999, 1].map(quantileName)).toEqual(['min', 'p50', 'p95', 'p99.5', 'p99.9', 'max']);
  });
});

describe('seriesChart', () => {
  it('shades the faults in force, one without an end up to the end of the chart', () => {
    const lines = NOGO.series.filter(({ id }) => id === 'recovery.p95');
    const chart = String(seriesChart(lines, NOGO.faults));
    expect(chart.match(/<rect[^>]*class="fill-fault"/gu)).toHaveLength(2);
    expect(chart).toContain('redis kill from 1 min 23 s, not healed');
    expect(String(seriesChart(lines, [])).match(/fill-fault/gu)).toBeNull();
  });

  it('does not shade a fault outside of its time', () => {
    const lines = NOGO.series.filter(({ suite }) => suite === 'benchmark');
    expect(String(seriesChart(lines, NOGO.faults))).not.toContain('fill-fault');
  });

  it('tells lines apart by dash as well as colour', () => {
    const dashes = [...CHARTS.series.matchAll(/<path [^>]*stroke-width="1\.6"[^>]*>/gu)].map(
      ([path]) => /stroke-dasharray="[^"]+"/u.exec(path)?.[0] ?? 'solid',
    );
    expect(new Set(dashes).size).toBe(2);
  });

  it('draws nothing without points, and a single point without dividing by nothing', () => {
    const [first] = NOGO.series;
    if (first === undefined) throw new Error('the fixture has series');
    expect(seriesChart([{ ...first, points: [] }], [])).toBeNull();
    expect(String(seriesChart([{ ...first, points: [[5, 0]] }], []))).not.toMatch(/NaN|Infinity/u);
  });
});

describe('operationTimeline', () => {
  it('says which outcome nobody knows, in the drawing and in the data', () => {
    expect(CHARTS.operations.match(/\(outcome unknown\)/gu)).toHaveLength(2);
  });

  it('draws a single moment without dividing by nothing, and nothing at all without bars', () => {
    const bar = { lane: 'a', label: 'b', startMs: 5, endMs: 5, open: false };
    expect(String(operationTimeline('t', [bar]))).not.toMatch(/NaN|Infinity/u);
    expect(operationTimeline('t', [])).toBeNull();
  });
});
