import type { TimelineBar } from '../../../harness/model/measurement.ts';
import { formatDuration } from '../../format.ts';
import { excerpt } from '../../text.ts';
import { html, type Markup } from '../markup.ts';
import { table } from '../table.ts';
import { box, CHART_WIDTH, figure, label, line } from './figure.ts';
import { linear, type Scale } from './scale.ts';

const LANE_HEIGHT = 34;
const PLOT = { left: 130, right: CHART_WIDTH - 24, top: 8 };
const MAX_BARS = 12;
/** Nothing shorter can be seen. */
const NARROWEST = 3;

/** A few operations in time, one line per session: who could have known what of whom. Nothing without bars. */
export function operationTimeline(id: string, all: readonly TimelineBar[]): Markup | null {
  const bars = all.slice(0, MAX_BARS);
  if (bars.length === 0) return null;
  const lanes = [...new Set(bars.map(({ lane }) => lane))];
  const fromMs = Math.min(...bars.map(({ startMs }) => startMs));
  const toMs = Math.max(...bars.map(({ endMs }) => endMs));
  const x = linear({ domain: [0, toMs - fromMs], range: [PLOT.left, PLOT.right], tickCount: 5 });
  const bottom = PLOT.top + lanes.length * LANE_HEIGHT;
  return figure({
    id,
    title: 'The operations in time',
    description: bars.map((bar) => sentence(bar, fromMs)).join('; '),
    height: bottom + 26,
    drawing: [axis(x, bottom), lanes.map((lane, at) => laneOf(lane, at, { bars, x, fromMs }))],
    dataTable: dataTable(bars, fromMs),
  });
}

function axis(x: Scale, bottom: number): Markup {
  return html`${x.ticks.map((tick) => [
    line({ from: [x.at(tick), PLOT.top], to: [x.at(tick), bottom], role: 'rule' }),
    label(formatDuration(tick), { x: x.at(tick), y: bottom + 16, align: 'middle' }),
  ])}`;
}

interface Drawing {
  readonly bars: readonly TimelineBar[];
  readonly x: Scale;
  readonly fromMs: number;
}

function laneOf(lane: string, at: number, { bars, x, fromMs }: Drawing): Markup {
  const y = PLOT.top + at * LANE_HEIGHT;
  const own = bars.filter((bar) => bar.lane === lane);
  return html`${label(excerpt(lane, 16), { x: PLOT.left - 8, y: y + 20, align: 'end' })}${own.map((bar) => {
    const left = x.at(bar.startMs - fromMs);
    const width = Math.max(NARROWEST, x.at(bar.endMs - fromMs) - left);
    // Near the right edge the words stand to the left of their bar's end.
    const far = left > (PLOT.left + PLOT.right) / 2;
    return [
      box({ x: left, y: y + 16, width, height: 10, role: bar.open ? 'neutral' : 'lineA' }),
      label(`${excerpt(bar.label, 60)}${bar.open ? ' (outcome unknown)' : ''}`, {
        x: far ? left + width : left,
        y: y + 12,
        align: far ? 'end' : 'start',
      }),
    ];
  })}`;
}

function sentence({ lane, label: what, startMs, endMs }: TimelineBar, fromMs: number): string {
  return `${excerpt(lane, 40)}: ${excerpt(what, 120)} from ${formatDuration(startMs - fromMs)} to ${formatDuration(endMs - fromMs)}`;
}

function dataTable(bars: readonly TimelineBar[], fromMs: number): Markup {
  return table({
    caption: 'The operations in time, from the first one on',
    label: 'Operations in time',
    columns: [{ heading: 'who' }, { heading: 'what' }, { heading: 'from', numeric: true }, { heading: 'to', numeric: true }],
    rows: bars.map(({ lane, label: what, startMs, endMs, open }) => [
      excerpt(lane, 80),
      `${excerpt(what, 200)}${open ? ' (outcome unknown)' : ''}`,
      formatDuration(startMs - fromMs),
      formatDuration(endMs - fromMs),
    ]),
  });
}
