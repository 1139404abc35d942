import type { RecordLoad, RunRecord } from '../../../harness/model/record.ts';
import { formatDuration, formatNumber, formatPercent } from '../../format.ts';
import { excerpt, groupDigits } from '../../text.ts';
import { html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const MAX_LOADS = 60;

/** What was asked of the target, what was really sent, and whether the generator can be believed; nothing without a load. */
export function loads(record: RunRecord, limits: Limits): Markup | null {
  const shown = record.loads.slice(0, MAX_LOADS);
  if (shown.length === 0) return null;
  return html`${asked(shown, limits)}${operations(shown, limits)}${generator(shown, limits)}`;
}

function asked(shown: readonly RecordLoad[], limits: Limits): Markup {
  return table({
    caption: 'Asked for and sent: every arrival that came due counts, sent or not, from when it was due',
    label: 'Loads',
    columns: [
      { heading: 'Load' },
      { heading: 'Shape' },
      { heading: 'Warm-up cut off' },
      { heading: 'Came due', numeric: true },
      { heading: 'Sent', numeric: true },
      { heading: 'Never sent', numeric: true },
      { heading: 'Unfinished', numeric: true },
      { heading: 'Answered well', numeric: true },
      { heading: 'Outcomes' },
    ],
    rows: shown.map((load) => [
      `${excerpt(load.label, limits.textLength)}${load.stopped === null ? '' : ` (ended early: ${excerpt(load.stopped, limits.textLength)})`}`,
      excerpt(load.shape, limits.textLength),
      load.warmup.durationMs === 0 ? 'none' : `${formatDuration(load.warmup.durationMs)}, ${groupDigits(load.warmup.scheduled)} requests`,
      groupDigits(load.scheduled),
      groupDigits(load.sent),
      groupDigits(load.dropped),
      groupDigits(load.unfinished),
      `${formatNumber(load.achievedPerSecond)} of ${formatNumber(load.requestedPerSecond)} per second`,
      Object.entries(load.byOutcome)
        .map(([outcome, count]) => `${groupDigits(count)} ${outcome}`)
        .join(', '),
    ]),
  });
}

/** Only where a load mixes several kinds. */
function operations(shown: readonly RecordLoad[], limits: Limits): Markup | null {
  const rows = shown
    .filter((load) => load.operations.length > 1)
    .flatMap((load) =>
      load.operations.map((operation): readonly Content[] => [
        `${excerpt(load.label, limits.textLength)}: ${excerpt(operation.name, 80)}`,
        groupDigits(operation.scheduled),
        groupDigits(operation.ok),
        duration(operation.p50Ms),
        duration(operation.p95Ms),
        duration(operation.p99Ms),
      ]),
    );
  if (rows.length === 0) return null;
  const columns = ['Operation', 'Came due', 'Answered well', 'p50', 'p95', 'p99'].map((heading, at) => ({ heading, numeric: at > 0 }));
  return table({ caption: 'By kind of operation', label: 'Operations of the loads', columns, rows });
}

function generator(shown: readonly RecordLoad[], limits: Limits): Markup {
  return table({
    caption:
      'The generator: what of a latency is its own. The null server answers at once; where it was asked, then before and after the load',
    label: 'Generator self-check',
    columns: [
      { heading: 'Load' },
      { heading: 'Self-check' },
      { heading: 'Workers' },
      { heading: 'Sent late by (p50, p99)', numeric: true },
      { heading: 'Event loop, cores', numeric: true },
      { heading: 'Null server p99 (before, after)', numeric: true },
    ],
    rows: shown.map(({ label, generator: own, workers }) => [
      excerpt(label, limits.textLength),
      own.ok ? '✓ good' : `! ${excerpt(own.reasons.join('; '), limits.textLength)}`,
      workersText(workers, limits),
      `${duration(own.latenessP50Ms)}, ${duration(own.latenessP99Ms)}`,
      `${formatPercent(own.eventLoopUtilization)} busy, ${formatNumber(own.cpuShare)}`,
      own.calibration === null ? 'not measured' : `${duration(own.calibration.before.p99Ms)}, ${duration(own.calibration.after.p99Ms)}`,
    ]),
  });
}

function workersText(workers: RecordLoad['workers'], limits: Limits): string {
  const lost = workers.filter((worker) => worker.lost !== null);
  const names = lost.map(({ name, lost: why }) => `${name} lost: ${why ?? ''}`).join('; ');
  return lost.length === 0
    ? String(workers.length)
    : `${workers.length - lost.length} of ${workers.length} (${excerpt(names, limits.textLength)})`;
}

function duration(ms: number | null): string {
  return ms === null ? '-' : formatDuration(ms);
}
