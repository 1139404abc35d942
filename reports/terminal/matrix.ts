import type { RecordCriterion, RunRecord } from '../../harness/model/record.ts';
import {
  EFFECT_WORDS,
  formatActual,
  formatBasis,
  formatDuration,
  formatSubject,
  STATE_SIGNS,
  STATE_WORDS,
  VERDICT_MEANING,
  VERDICT_SIGNS,
  VERDICT_WORDS,
} from '../format.ts';
import { countsLine, isOpen, rootCauses, whoMustAct, worstFirst } from '../ranking.ts';
import { oneLine, plural } from '../text.ts';
import { palette, type Palette } from './paint.ts';
import { displayWidth, fit, padTo, wrap } from './width.ts';

export interface MatrixOptions {
  readonly color: boolean;
  /** Columns of the terminal; lines never get longer. */
  readonly width: number;
  /** Where the reports were written, shown as it is. */
  readonly reportPath?: string;
}

/** Below this a box is not readable: two lines per criterion instead. */
const BOX_MIN_WIDTH = 72;
/** With more of them the matrix shows only what was run; the reasons above it count the rest. */
const MAX_NOT_RUN_ROWS = 12;
const MAX_NAMED = 3;

/** The end of a run on a terminal: root causes, what is open, the matrix, the verdict and its rule, a plain line of counts. */
export function renderMatrix(record: RunRecord, options: MatrixOptions): string {
  const paint = palette(options.color);
  const width = Math.max(20, options.width);
  const ordered = worstFirst(record.criteria);
  const notRun = ordered.filter(({ state }) => state === 'NOT_RUN');
  const shown = notRun.length > MAX_NOT_RUN_ROWS ? ordered.filter(({ state }) => state !== 'NOT_RUN') : ordered;
  const matrix = width >= BOX_MIN_WIDTH ? boxed(shown, paint, width) : stacked(shown, paint, width);
  const lines = [
    ...causes(record, paint, width),
    ...ordered.filter((c) => isOpen(c) && c.state !== 'NOT_RUN').flatMap((c) => finding(c, paint, width)),
    ...groupedByReason(notRun, paint, width),
    ...(shown.length === 0 ? [] : [...matrix, '']),
    ...verdict(record, paint, width),
    ...(options.reportPath === undefined ? [] : [`Report: ${oneLine(options.reportPath)}`]),
    countsLine(record.criteria),
  ];
  return `${lines.join('\n')}\n`;
}

function causes(record: RunRecord, paint: Palette, width: number): readonly string[] {
  const roots = rootCauses(record.criteria);
  if (roots.length === 0) return [];
  const lines = roots.map(({ id, blocked }) => fit(`  ${oneLine(id)} kept ${plural(blocked.length, 'check')} from running`, width));
  return [paint.bold('Root causes'), ...lines, ''];
}

/** One line per reason: a binding that is missing explains ten checks as well as one. */
function groupedByReason(notRun: readonly RecordCriterion[], paint: Palette, width: number): readonly string[] {
  if (notRun.length === 0) return [];
  const groups = new Map<string, string[]>();
  for (const { reason, id } of notRun) groups.set(reason, [...(groups.get(reason) ?? []), oneLine(id)]);
  const lines = [...groups].map(([reason, ids]) => `  ${plural(ids.length, 'check')}: ${oneLine(reason)} (${named(ids)})`);
  return [paint.bold('Not run'), ...lines.flatMap((line) => wrap(line, width)), ''];
}

function named(ids: readonly string[]): string {
  const first = ids.slice(0, MAX_NAMED);
  return first.length === ids.length ? first.join(', ') : `${first.join(', ')} and ${ids.length - first.length} more`;
}

function finding(criterion: RecordCriterion, paint: Palette, width: number): readonly string[] {
  const { state } = criterion;
  const title = `${STATE_SIGNS[state]} ${oneLine(criterion.id)}  ${STATE_WORDS[state]}, ${criterion.severity}, ${EFFECT_WORDS[criterion.effect]}`;
  return [
    ...wrap(title, width).map((line) => paint.state(state, line)),
    ...indented(oneLine(criterion.reason), width),
    ...indented(`Hint: ${oneLine(criterion.hint)}`, width),
    ...indented(`$ ${oneLine(criterion.reproduce)}`, width).map(paint.dim),
    '',
  ];
}

function indented(text: string, width: number): readonly string[] {
  return wrap(text, width - 4).map((line) => `    ${line}`);
}

const HEADINGS = ['state', 'criterion', 'target', 'actual'] as const;

function cellsOf(criterion: RecordCriterion): readonly [string, string, string, string] {
  const basis = formatBasis(criterion);
  const actual = criterion.value === null && basis === '' ? '-' : `${formatActual(criterion)}${basis === '' ? '' : ` [${basis}]`}`;
  return [`${STATE_SIGNS[criterion.state]} ${STATE_WORDS[criterion.state]}`, oneLine(criterion.id), oneLine(criterion.pass), actual];
}

function boxed(criteria: readonly RecordCriterion[], paint: Palette, width: number): readonly string[] {
  const rows = criteria.map((criterion) => ({ criterion, cells: cellsOf(criterion) }));
  const widths = columnWidths([HEADINGS, ...rows.map(({ cells }) => cells)], width - 3 * HEADINGS.length - 1);
  const rule = (left: string, middle: string, right: string): string => left + widths.map((w) => '─'.repeat(w + 2)).join(middle) + right;
  const line = (cells: readonly string[], first: (text: string) => string): string =>
    `│ ${cells.map((cell, at) => (at === 0 ? first : plain)(padTo(fit(cell, widths[at] ?? 0), widths[at] ?? 0))).join(' │ ')} │`;
  return [
    rule('┌', '┬', '┐'),
    line(HEADINGS, plain),
    rule('├', '┼', '┤'),
    ...rows.map(({ criterion, cells }) => line(cells, (text) => paint.state(criterion.state, text))),
    rule('└', '┴', '┘'),
  ];
}

function plain(text: string): string {
  return text;
}

/** Natural widths; what is too much is taken from the widest column but the first. */
function columnWidths(rows: readonly (readonly string[])[], available: number): readonly number[] {
  const widths = HEADINGS.map((_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ''))));
  for (let excess = widths.reduce((sum, w) => sum + w, 0) - available; excess > 0; excess -= 1) {
    const widest = widths.indexOf(Math.max(...widths.slice(1)), 1);
    widths[widest] = (widths[widest] ?? 1) - 1;
  }
  return widths;
}

function stacked(criteria: readonly RecordCriterion[], paint: Palette, width: number): readonly string[] {
  return criteria.flatMap((criterion) => {
    const [state, id, target, actual] = cellsOf(criterion);
    return [paint.state(criterion.state, fit(`${state}  ${id}`, width)), fit(`    ${actual}, target ${target}`, width)];
  });
}

function verdict(record: RunRecord, paint: Palette, width: number): readonly string[] {
  const who = whoMustAct(record);
  const title = `${VERDICT_SIGNS[record.verdict]} ${VERDICT_WORDS[record.verdict]}`;
  const subject = `${oneLine(record.target.name)}, ${formatSubject(record.subject)}; took ${formatDuration(record.run.durationMs)}`;
  return [
    paint.verdict(record.verdict, title),
    ...wrap(oneLine(record.reason), width),
    ...wrap(VERDICT_MEANING[record.verdict], width).map(paint.dim),
    ...wrap(subject, width).map(paint.dim),
    ...(record.run.complete ? [] : wrap('The run was cut short: this record is partial.', width)),
    ...(who.length === 0 ? [] : wrap(`Must act: ${who.map(oneLine).join(', ')}`, width)),
  ];
}
