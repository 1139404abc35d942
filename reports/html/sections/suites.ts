import type { RecordSeries, RecordSuite, RunRecord } from '../../../harness/model/record.ts';
import { formatDuration } from '../../format.ts';
import { countsLine, suiteNames, worstFirst } from '../../ranking.ts';
import { excerpt } from '../../text.ts';
import { percentilePlot } from '../charts/percentiles.ts';
import { LINES_PER_CHART, seriesChart } from '../charts/series.ts';
import { anchor, html, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { check } from './check.ts';

/** A part per suite: planned against reported, each claim with its evidence, then what was measured over time. */
export function suites(record: RunRecord, limits: Limits): Markup | null {
  const names = suiteNames(record);
  if (names.length === 0) return null;
  const charts = chartsBySuite(record, limits.charts);
  return html`${names.map((name) => suite(record, name, { limits, charts: charts.get(name) ?? [] }))}`;
}

interface SuiteParts {
  readonly limits: Limits;
  readonly charts: readonly Markup[];
}

function suite(record: RunRecord, name: string, { limits, charts }: SuiteParts): Markup {
  const criteria = worstFirst(record.criteria.filter((criterion) => criterion.suite === name));
  const row = record.suites.find((candidate) => candidate.name === name);
  return html`<section aria-labelledby="${anchor('suite', name)}">
<h3 id="${anchor('suite', name)}">${excerpt(name, 80)}</h3>
<p class="muted">${criteria.length === 0 ? 'No criteria.' : `${countsLine(criteria)}.`} ${row === undefined ? null : execution(row)}</p>
${criteria.map((criterion) => check(criterion, limits))}${charts}
</section>
`;
}

function execution({ planned, reported, startMs, durationMs }: RecordSuite): Markup {
  const missing = planned - reported;
  const time = startMs === null ? 'did not run' : `started at ${formatDuration(startMs)}, took ${formatDuration(durationMs)}`;
  return html`Planned ${planned}, reported ${reported}${missing > 0 ? html` <strong>(${missing} missing)</strong>` : null}; ${time}.`;
}

/** Charts in the order of the suites, until the page's limit; the data of the rest is in report.json. */
function chartsBySuite(record: RunRecord, limit: number): ReadonlyMap<string, readonly Markup[]> {
  let left = limit;
  const bySuite = new Map<string, readonly Markup[]>();
  for (const name of suiteNames(record)) {
    const drawings = suiteDrawings(record, name).slice(0, left);
    left -= drawings.length;
    bySuite.set(
      name,
      drawings.map((draw) => draw()).filter((chart) => chart !== null),
    );
  }
  return bySuite;
}

/** Drawn only when it is shown: a long series costs time. */
function suiteDrawings(record: RunRecord, name: string): readonly (() => Markup | null)[] {
  const distributions = record.distributions.filter((distribution) => distribution.suite === name);
  const groups = groupedSeries(record.series.filter((series) => series.suite === name));
  return [
    ...distributions.map((distribution) => () => percentilePlot(distribution)),
    ...groups.map((lines) => () => seriesChart(lines, record.faults)),
  ];
}

/** Lines of one unit share a chart, as many as can be told apart. */
function groupedSeries(all: readonly RecordSeries[]): readonly (readonly RecordSeries[])[] {
  return [...new Set(all.map((series) => series.unit))].flatMap((unit) => {
    const lines = all.filter((series) => series.unit === unit);
    return Array.from({ length: Math.ceil(lines.length / LINES_PER_CHART) }, (_, at) =>
      lines.slice(at * LINES_PER_CHART, (at + 1) * LINES_PER_CHART),
    );
  });
}
