import type { RecordEvent, RunRecord } from '../../../harness/model/record.ts';
import { formatDuration, formatNumber } from '../../format.ts';
import { excerpt, plural } from '../../text.ts';
import { html, type Markup } from '../markup.ts';
import { light } from '../palette.ts';
import { table } from '../table.ts';
import { box, CHART_WIDTH, figure, label, line } from './figure.ts';
import { coordinate, linear, type Scale } from './scale.ts';

const PLOT = { left: 150, right: CHART_WIDTH - 24, top: 10 };
const ROW = 24;
const MAX_EVENT_ROWS = 200;
const MAX_ROWS = 40;
/** Events drawn as marks; phases and faults are bars already. */
const MARKED: ReadonlySet<RecordEvent['kind']> = new Set(['service', 'harness', 'signal']);

interface Lane {
  readonly name: string;
  readonly bars: readonly { readonly fromMs: number; readonly toMs: number; readonly text: string; readonly fault: boolean }[];
}

/** One axis for the whole run: a lane per suite and per service that was hurt, faults shaded through, events as marks. */
export function timeline(record: RunRecord): Markup {
  const lanes = [...suiteLanes(record), ...faultLanes(record)].slice(0, MAX_ROWS);
  const marked = record.events.filter(({ kind }) => MARKED.has(kind));
  const bottom = PLOT.top + (lanes.length + 1) * ROW;
  const x = linear({ domain: [0, Math.max(1, record.run.durationMs)], range: [PLOT.left, PLOT.right], tickCount: 9 });
  return figure({
    id: 'timeline-chart',
    title: 'The whole run on one axis',
    subtitle: 'faults in force are shaded; diamonds are events of services, signals and the harness',
    description: describe(record, marked),
    height: bottom + 34,
    drawing: [
      record.faults.map((fault) => shade(fault, { x, bottom, endMs: record.run.durationMs })),
      axis(x, bottom),
      lanes.map((lane, at) => laneRow(lane, { x, top: PLOT.top + at * ROW })),
      label('events', { x: PLOT.left - 10, y: bottom - ROW / 2 + 4, align: 'end' }),
      marked.slice(0, MAX_EVENT_ROWS).map((event) => eventMark(event, x, bottom - ROW / 2)),
    ],
    dataTable: eventTable(record),
  });
}

function suiteLanes(record: RunRecord): readonly Lane[] {
  return record.suites.flatMap(({ name, startMs, durationMs }) =>
    startMs === null
      ? []
      : [{ name, bars: [{ fromMs: startMs, toMs: startMs + durationMs, text: formatDuration(durationMs), fault: false }] }],
  );
}

function faultLanes(record: RunRecord): readonly Lane[] {
  return [...new Set(record.faults.map(({ service }) => service))].map((service) => ({
    name: `fault: ${service}`,
    bars: record.faults
      .filter((fault) => fault.service === service)
      .map(({ kind, injectedAtMs, healedAtMs }) => ({
        fromMs: injectedAtMs,
        toMs: healedAtMs ?? record.run.durationMs,
        text: healedAtMs === null ? `${kind}, not healed` : `${kind} ${formatDuration(healedAtMs - injectedAtMs)}`,
        fault: true,
      })),
  }));
}

interface ShadePlace {
  readonly x: Scale;
  readonly bottom: number;
  readonly endMs: number;
}

function shade({ injectedAtMs, healedAtMs }: RunRecord['faults'][number], { x, bottom, endMs }: ShadePlace): Markup {
  const from = x.at(injectedAtMs);
  return box({ x: from, y: PLOT.top, width: x.at(Math.min(endMs, healedAtMs ?? endMs)) - from, height: bottom - PLOT.top, role: 'fault' });
}

function axis(x: Scale, bottom: number): Markup {
  return html`${line({ from: [PLOT.left, bottom], to: [PLOT.right, bottom], role: 'muted' })}${x.ticks.map((tick) => [
    line({ from: [x.at(tick), PLOT.top], to: [x.at(tick), bottom + 5], role: 'rule' }),
    label(`${formatNumber(tick / 1000)} s`, { x: x.at(tick), y: bottom + 20, align: 'middle' }),
  ])}`;
}

function laneRow({ name, bars }: Lane, { x, top }: { readonly x: Scale; readonly top: number }): Markup {
  return html`${label(excerpt(name, 22), { x: PLOT.left - 10, y: top + ROW / 2 + 4, align: 'end' })}${bars.map(
    ({ fromMs, toMs, text, fault }) => {
      const [from, to] = [x.at(fromMs), x.at(toMs)];
      const beside = to + 6 + text.length * 7 < PLOT.right;
      return html`${box({ x: from, y: top + 5, width: to - from, height: ROW - 10, role: fault ? 'violated' : 'lineA' })}${label(
        excerpt(text, 30),
        {
          x: beside ? to + 6 : from - 6,
          y: top + ROW / 2 + 4,
          align: beside ? 'start' : 'end',
        },
      )}`;
    },
  )}`;
}

function eventMark({ atMs, kind, text }: RecordEvent, x: Scale, y: number): Markup {
  const role = kind === 'service' ? 'lineB' : 'unknown';
  const at = coordinate(x.at(atMs));
  return html`<path d="M${at} ${coordinate(y - 5)}l5 5l-5 5l-5-5z" fill="${light(role)}" class="fill-${role}"><title>${formatDuration(atMs)}: ${excerpt(text, 120)}</title></path>`;
}

function describe(record: RunRecord, marked: readonly RecordEvent[]): string {
  const suites = record.suites.filter(({ startMs }) => startMs !== null);
  return `${formatDuration(record.run.durationMs)} in all: ${plural(suites.length, 'suite')} ran, ${plural(record.faults.length, 'fault')} in force, ${plural(marked.length, 'event')} of services, signals and the harness.`;
}

function eventTable({ events }: RunRecord): Markup {
  const left = events.length - MAX_EVENT_ROWS;
  return table({
    caption: `What happened, in order${left > 0 ? `; ${plural(left, 'later event')} only in report.json` : ''}`,
    label: 'Events of the run',
    columns: [{ heading: 'at' }, { heading: 'kind' }, { heading: 'what' }],
    rows: events.slice(0, MAX_EVENT_ROWS).map(({ atMs, kind, text }) => [formatDuration(atMs), kind, excerpt(text, 400)]),
  });
}
