import type { RecordFault, RecordSeries } from '../../../harness/model/record.ts';
import { formatDuration, formatNumber } from '../../format.ts';
import { clip, excerpt, oneLine } from '../../text.ts';
import { anchor, html, type Markup } from '../markup.ts';
import { LINE_ROLES } from '../palette.ts';
import { table } from '../table.ts';
import { box, CHART_WIDTH, figure, label, line, polyline } from './figure.ts';
import { decimate, linear, roundedUp, type Scale } from './scale.ts';

const HEIGHT = 240;
const PLOT = { left: 64, right: CHART_WIDTH - 24, top: 44, bottom: HEIGHT - 34 };
const DASHES = [null, '7 4', '2 3', '9 3 2 3'];
const BUCKETS = 150;
const TABLE_ROWS = 40;
/** More lines in one drawing cannot be told apart. */
export const LINES_PER_CHART = LINE_ROLES.length;

/** Lines of one suite and one unit over time, faults in force shaded; nothing when no line has a point. */
export function seriesChart(lines: readonly RecordSeries[], faults: readonly RecordFault[]): Markup | null {
  const drawn = lines.filter(({ points }) => points.length > 0).slice(0, LINES_PER_CHART);
  const [first] = drawn;
  if (first === undefined) return null;
  const xs = drawn.flatMap(({ points }) => [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]);
  const span: readonly [number, number] = [Math.min(...xs), Math.max(...xs)];
  const top = Math.max(...drawn.map(({ points }) => points.reduce((highest, [, y]) => Math.max(highest, y), 0)));
  const x = linear({ domain: span, range: [PLOT.left, PLOT.right], tickCount: 8 });
  const y = linear({ domain: [0, roundedUp(top * 1.05, 4)], range: [PLOT.bottom, PLOT.top], tickCount: 4 });
  const inForce = faults.filter((fault) => fault.injectedAtMs <= span[1] && (fault.healedAtMs ?? Infinity) >= span[0]);
  const unit = oneLine(first.unit);
  const names = drawn.map((one) => excerpt(one.label, 40));
  return figure({
    id: anchor('series', first.id),
    title: `${names.join(', ')} over time`,
    subtitle: inForce.length > 0 ? 'faults in force are shaded' : unit,
    description: describe(drawn, inForce),
    height: HEIGHT,
    drawing: [
      inForce.map((fault, at) => faultWindow(fault, { x, span, row: crowded(fault, inForce[at - 1], x) ? at % 2 : 0 })),
      axes(x, y, unit),
      drawn.map(({ points }, at) => linePath(points, { x, y, at })),
      legend(names),
    ],
    dataTable: dataTable(drawn, names),
  });
}

function linePath(points: RecordSeries['points'], { x, y, at }: { readonly x: Scale; readonly y: Scale; readonly at: number }): Markup {
  const drawn = decimate(points, BUCKETS).map(([px, py]) => [x.at(px), y.at(py)] as const);
  return polyline(drawn, LINE_ROLES[at] ?? 'lineA', DASHES[at] ?? null);
}

function axes(x: Scale, y: Scale, unit: string): Markup {
  return html`${y.ticks.map((tick) => [
    line({ from: [PLOT.left, y.at(tick)], to: [PLOT.right, y.at(tick)], role: 'rule' }),
    label(axisValue(tick, unit), { x: PLOT.left - 8, y: y.at(tick) + 4, align: 'end' }),
  ])}${x.ticks.map((tick) => [
    line({ from: [x.at(tick), PLOT.bottom], to: [x.at(tick), PLOT.bottom + 5], role: 'muted' }),
    label(`${formatNumber(tick / 1000)} s`, { x: x.at(tick), y: PLOT.bottom + 20, align: 'middle' }),
  ])}`;
}

function axisValue(value: number, unit: string): string {
  return unit === 'ms' ? formatDuration(value) : formatNumber(value);
}

function crowded(fault: RecordFault, before: RecordFault | undefined, x: Scale): boolean {
  return before !== undefined && x.at(fault.injectedAtMs) - x.at(before.injectedAtMs) < 170;
}

interface WindowPlace {
  readonly x: Scale;
  readonly span: readonly [number, number];
  /** 0, or 1 for the line above it when the label would run into the one before. */
  readonly row: number;
}

/** The shaded time of a fault; an open end runs to the end of the chart. */
function faultWindow(fault: RecordFault, { x, span, row }: WindowPlace): Markup {
  const from = x.at(Math.max(span[0], fault.injectedAtMs));
  const to = x.at(Math.min(span[1], fault.healedAtMs ?? span[1]));
  const name = clip(`${oneLine(fault.service)} ${oneLine(fault.kind)}`, 24);
  const nearEnd = from > PLOT.right - 150;
  return html`${box({ x: from, y: PLOT.top - 6, width: to - from, height: PLOT.bottom - PLOT.top + 6, role: 'fault' })}${label(name, {
    x: nearEnd ? to : from,
    y: PLOT.top - 10 - row * 13,
    role: 'violated',
    align: nearEnd ? 'end' : 'start',
  })}`;
}

function legend(names: readonly string[]): Markup {
  let x = PLOT.left;
  const entries = names.map((name, at) => {
    const from = x;
    x += 44 + name.length * 7;
    const role = LINE_ROLES[at] ?? 'lineA';
    const dash = DASHES[at] ?? null;
    return html`${line({ from: [from, 10], to: [from + 22, 10], role, width: 2, ...(dash === null ? {} : { dash }) })}${label(name, { x: from + 28, y: 14 })}`;
  });
  return html`${entries}`;
}

interface Extent {
  readonly low: number;
  readonly high: number;
}

function extentOf(points: RecordSeries['points']): Extent {
  return points.reduce<Extent>(({ low, high }, [, y]) => ({ low: Math.min(low, y), high: Math.max(high, y) }), {
    low: Infinity,
    high: -Infinity,
  });
}

function describe(lines: readonly RecordSeries[], faults: readonly RecordFault[]): string {
  const told = lines.map(({ label: name, unit, points }) => {
    const { low, high } = extentOf(points);
    return `${oneLine(name)} between ${formatNumber(low)} and ${formatNumber(high)} ${oneLine(unit)}, ${formatNumber(points.at(-1)?.[1] ?? 0)} at the end`;
  });
  const shaded = faults.map(({ service, kind, injectedAtMs, healedAtMs }) => {
    const end = healedAtMs === null ? 'not healed' : `healed at ${formatDuration(healedAtMs)}`;
    return `${oneLine(service)} ${oneLine(kind)} from ${formatDuration(injectedAtMs)}, ${end}`;
  });
  return `${told.join('; ')}.${shaded.length === 0 ? '' : ` Faults: ${shaded.join('; ')}.`}`;
}

/** Lowest and highest value per stretch of time: complete in its extremes, short enough to be read. */
function dataTable(lines: readonly RecordSeries[], names: readonly string[]): Markup {
  const xs = lines.flatMap(({ points }) => [points[0]?.[0] ?? 0, points.at(-1)?.[0] ?? 0]);
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  const most = lines.reduce((longest, { points }) => Math.max(longest, points.length), 1);
  const count = Math.min(TABLE_ROWS, most);
  const step = (to - from) / count;
  const buckets = lines.map(({ points }) => bucketExtents(points, { from, step, count }));
  const rows = Array.from({ length: count }, (_, at) => [
    `${formatNumber((from + at * step) / 1000)} s`,
    ...buckets.map((extents) => extentText(extents[at])),
  ]);
  return table({
    caption: `Lowest to highest value per ${formatDuration(Math.max(1, Math.round(step)))} in ${oneLine(lines[0]?.unit ?? '')}; every point is in report.json`,
    label: `Values of ${names.join(', ')}`,
    columns: [{ heading: 'from' }, ...names.map((heading) => ({ heading, numeric: true }))],
    rows,
  });
}

interface Buckets {
  readonly from: number;
  readonly step: number;
  readonly count: number;
}

function bucketExtents(points: RecordSeries['points'], { from, step, count }: Buckets): readonly (Extent | undefined)[] {
  const extents = Array.from({ length: count }, (): Extent | undefined => undefined);
  for (const [x, y] of points) {
    const at = step === 0 ? 0 : Math.min(count - 1, Math.floor((x - from) / step));
    const { low, high } = extents[at] ?? { low: y, high: y };
    extents[at] = { low: Math.min(low, y), high: Math.max(high, y) };
  }
  return extents;
}

function extentText(extent: Extent | undefined): string {
  if (extent === undefined) return '-';
  return extent.low === extent.high ? formatNumber(extent.low) : `${formatNumber(extent.low)} to ${formatNumber(extent.high)}`;
}
