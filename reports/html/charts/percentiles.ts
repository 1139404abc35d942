import type { RecordDistribution } from '../../../harness/model/record.ts';
import { formatDuration, formatNumber } from '../../format.ts';
import { clip, excerpt, groupDigits, oneLine } from '../../text.ts';
import { anchor, html, type Markup } from '../markup.ts';
import { light } from '../palette.ts';
import { table } from '../table.ts';
import { CHART_WIDTH, figure, label, line, polyline } from './figure.ts';
import { coordinate, linear, logarithmic, type Scale } from './scale.ts';

const HEIGHT = 300;
const PLOT = { left: 64, right: CHART_WIDTH - 24, top: 16, bottom: HEIGHT - 34 };
const TICK_QUANTILES = [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 0.99999, 0.999999];

/** The quantile axis counts nines: 0.9 is 1, 0.99 is 2. The maximum stands at the nines its sample count can show. */
function nines(q: number, count: number): number {
  const limit = Math.log10(Math.max(10, count)) + 0.15;
  return q >= 1 ? limit : Math.min(limit, -Math.log10(1 - q));
}

/** Measured latency at `q`, interpolated between the recorded quantiles; null outside of them. */
export function latencyAt(quantiles: RecordDistribution['quantiles'], q: number): number | null {
  const above = quantiles.findIndex(([candidate]) => candidate >= q);
  const [right, left] = [quantiles[above], quantiles[above - 1]];
  if (right === undefined) return null;
  if (right[0] === q || left === undefined) return right[0] === q ? right[1] : null;
  const share = right[0] === left[0] ? 0 : (q - left[0]) / (right[0] - left[0]);
  return left[1] + share * (right[1] - left[1]);
}

export function quantileName(q: number): string {
  if (q >= 1) return 'max';
  return q <= 0 ? 'min' : `p${formatNumber(Number((q * 100).toFixed(4)))}`;
}

interface MarkReading {
  readonly q: number;
  readonly limitMs: number;
  readonly criterion: string;
  readonly actualMs: number | null;
  readonly within: boolean | null;
}

function readMarks({ marks, quantiles }: RecordDistribution): readonly MarkReading[] {
  return marks.map((mark) => {
    const actualMs = latencyAt(quantiles, mark.q);
    return { ...mark, actualMs, within: actualMs === null ? null : actualMs < mark.limitMs };
  });
}

/** Latency by percentile on an axis of nines, with the limits of the criteria; nothing when there are no quantiles. */
export function percentilePlot(distribution: RecordDistribution): Markup | null {
  const { quantiles, count } = distribution;
  if (quantiles.length === 0) return null;
  const marks = readMarks(distribution);
  const top = Math.max(...quantiles.map(([, ms]) => ms), ...marks.map((mark) => mark.limitMs));
  const x = linear({ domain: [0, nines(1, count)], range: [PLOT.left, PLOT.right], tickCount: 4 });
  const y = logarithmic({ domain: [lowest(quantiles), top * 1.25], range: [PLOT.bottom, PLOT.top], tickCount: 9 });
  const points = quantiles.map(([q, ms]) => [x.at(nines(q, count)), y.at(ms)] as const);
  const name = oneLine(distribution.label);
  return figure({
    id: anchor('latency', distribution.id),
    title: `Latency by percentile: ${clip(name, 80)}`,
    subtitle: `${groupDigits(count)} samples; both axes logarithmic: every further nine, every tenfold latency takes the same room`,
    description: describe(distribution, marks),
    height: HEIGHT,
    drawing: [axes(x, y, count), polyline(points, 'lineA', null), marks.map((mark) => limitMark(mark, { x, y, count }))],
    dataTable: dataTable(distribution, marks),
  });
}

/** Where the latency axis starts: a little below the fastest sample; a hundredth of a millisecond is as good as none. */
function lowest(quantiles: RecordDistribution['quantiles']): number {
  return Math.max(0.01, Math.min(...quantiles.map(([, ms]) => ms)) * 0.8);
}

function axes(x: Scale, y: Scale, count: number): Markup {
  const shown = TICK_QUANTILES.filter((q) => nines(q, count) < x.domain[1] - 0.12);
  return html`${y.ticks.map((tick) => [
    line({ from: [PLOT.left, y.at(tick)], to: [PLOT.right, y.at(tick)], role: 'rule' }),
    label(formatDuration(tick), { x: PLOT.left - 8, y: y.at(tick) + 4, align: 'end' }),
  ])}${[...shown, 1].map((q) => [
    line({ from: [x.at(nines(q, count)), PLOT.bottom], to: [x.at(nines(q, count)), PLOT.bottom + 5], role: 'muted' }),
    label(quantileName(q), { x: x.at(nines(q, count)), y: PLOT.bottom + 20, align: 'middle' }),
  ])}`;
}

interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly count: number;
}

/** The limit as a dashed step up to its percentile, the measured value as a dot (within) or a cross (beyond). */
function limitMark({ q, limitMs, actualMs, within }: MarkReading, { x, y, count }: Axes): Markup {
  const at = x.at(nines(q, count));
  const role = within === false ? 'violated' : 'muted';
  const text = `${quantileName(q)} limit ${formatDuration(limitMs)}`;
  return html`${line({ from: [PLOT.left, y.at(limitMs)], to: [at, y.at(limitMs)], role, dash: '5 4' })}${line({ from: [at, y.at(limitMs)], to: [at, PLOT.bottom], role, dash: '1 4' })}${label(text, { x: PLOT.left + 8, y: y.at(limitMs) - 5, role })}${actualMs === null ? null : reading({ x: at, y: y.at(actualMs), within: within === true }, formatDuration(actualMs))}`;
}

function reading(at: { readonly x: number; readonly y: number; readonly within: boolean }, text: string): Markup {
  const role = at.within ? 'lineA' : 'violated';
  const [x, y] = [coordinate(at.x), coordinate(at.y)];
  const sign = at.within
    ? html`<circle cx="${x}" cy="${y}" r="4" fill="${light(role)}" class="fill-${role}"/>`
    : html`<path d="M${x - 5} ${y - 5}l10 10m0-10l-10 10" fill="none" stroke="${light(role)}" class="stroke-${role}" stroke-width="2.2"/>`;
  return html`${sign}${label(text, { x: at.x - 9, y: at.y - 7, role, align: 'end', bold: true })}`;
}

function describe({ label: name, count, quantiles }: RecordDistribution, marks: readonly MarkReading[]): string {
  const told = [0.5, 0.95, 0.99, 1].flatMap((q) => {
    const ms = latencyAt(quantiles, q);
    return ms === null ? [] : [`${quantileName(q)} ${formatDuration(ms)}`];
  });
  const limits = marks.map(({ q, limitMs, within }) => {
    const verdict = within === null ? 'not measured' : within ? 'kept' : 'exceeded';
    return `limit of ${formatDuration(limitMs)} at ${quantileName(q)} ${verdict}`;
  });
  return `${oneLine(name)}, ${groupDigits(count)} samples: ${[...told, ...limits].join(', ')}.`;
}

function dataTable({ quantiles, label: name }: RecordDistribution, marks: readonly MarkReading[]): Markup {
  return table({
    caption: `Latency by percentile: ${excerpt(name, 80)}`,
    label: `Latency values of ${excerpt(name, 80)}`,
    columns: [{ heading: 'percentile' }, { heading: 'latency', numeric: true }, { heading: 'limit', numeric: true }],
    rows: quantiles.map(([q, ms]) => {
      const limits = marks.filter((mark) => mark.q === q).map((mark) => `${formatDuration(mark.limitMs)} (${oneLine(mark.criterion)})`);
      return [quantileName(q), formatDuration(ms), limits.join(', ')];
    }),
  });
}
