import type { RecordCriterion, RecordLoad, RunRecord } from '../harness/model/record.ts';
import {
  EFFECT_WORDS,
  formatActual,
  formatBasis,
  formatDuration,
  formatInstant,
  formatNumber,
  formatPercent,
  formatSubject,
  STATE_SIGNS,
  STATE_WORDS,
  VERDICT_SIGNS,
  VERDICT_WORDS,
} from './format.ts';
import { leftText, traces } from './footprint.ts';
import { codeSpan, markdownWithin } from './markdown.ts';
import { countsLine, isOpen, rootCauses, whoMustAct, worstFirst } from './ranking.ts';
import { byteLength, plural } from './text.ts';

/** Hard limit of the file: it goes into pull-request comments, chat messages and the context of other tools. */
export const SUMMARY_MAX_BYTES = 4096;
/** Room kept for the headings and for the lines that say what was left out. */
const RESERVED_BYTES = 360;
const COMMAND_BYTES = 220;

/** `summary.md`: verdict and rule, then what is open, worst first, then the rest as a table. Never above 4 kB. */
export function renderSummary(record: RunRecord): string {
  const head = headLines(record);
  const findings = findingsOf(record);
  const shown = takeWhileFits(findings, SUMMARY_MAX_BYTES - RESERVED_BYTES - sizeOf(head));
  const open = findings.length === 0 ? [] : ['## Open, worst first', '', ...shown, ...more(findings.length - shown.length, 'finding'), ''];
  const rows = worstFirst(record.criteria.filter((criterion) => !isOpen(criterion))).map(tableRow);
  const shownRows = takeWhileFits(rows, SUMMARY_MAX_BYTES - RESERVED_BYTES - sizeOf([...head, ...open]));
  const table = shownRows.length === 0 ? [] : ['| criterion | state | target | actual |', '| --- | --- | --- | --- |', ...shownRows, ''];
  const rest =
    rows.length === 0 ? [] : ['## Met or not applicable', '', ...table, ...more(rows.length - shownRows.length, 'criterion', 'criteria')];
  return `${[...head, ...open, ...rest].join('\n').trimEnd()}\n`;
}

function headLines(record: RunRecord): readonly string[] {
  const { run } = record;
  const who = whoMustAct(record);
  return [
    `# ${VERDICT_SIGNS[record.verdict]} ${VERDICT_WORDS[record.verdict]}: ${markdownWithin(record.target.name, 80)}`,
    '',
    `**${markdownWithin(record.reason, 500)}**`,
    '',
    `- Subject: ${markdownWithin(formatSubject(record.subject), 120)}`,
    `- Run: ${markdownWithin(run.id, 60)}, profile ${markdownWithin(run.profile, 20)}, ${markdownWithin(formatInstant(run.startedAt), 40)}, took ${formatDuration(run.durationMs)}${run.complete ? '' : ', **cut short: this record is partial**'}`,
    `- Criteria: ${countsLine(record.criteria)}; score ${formatPercent(record.score.low)} to ${formatPercent(record.score.high)}, coverage ${formatPercent(record.score.coverage)}; exit code ${record.exitCode}`,
    ...doubts(record),
    ...leftBehind(record),
    ...(who.length === 0 ? [] : [`- Must act: ${markdownWithin(who.join(', '), 120)}`]),
    `- Repeat: ${command(run.command)}`,
    '',
  ];
}

/** Somebody may have to clean up. */
function leftBehind({ footprint }: RunRecord): readonly string[] {
  if (footprint === null) return [];
  return [`- Left at the target: ${markdownWithin(leftText(footprint), 300)} (${markdownWithin(traces(footprint), 140)})`];
}

/** Disturbance below this share of the run is what every machine has. */
const DISTURBED = 0.05;

/** What makes the figures themselves doubtful: others on the machine, a generator that was its own bottleneck, a worker that was lost. */
function doubts({ noise, loads, criteria }: RunRecord): readonly string[] {
  // A generator that was late without its turning any answer is a matter for the page.
  const spoiled = new Set(criteria.filter(({ state }) => state === 'ERROR').map(({ suite }) => suite));
  const bad = loads.filter(
    ({ suite, generator, workers }) => (!generator.ok && spoiled.has(suite)) || workers.some(({ lost }) => lost !== null),
  );
  const others =
    noise === null || noise.disturbedShare < DISTURBED
      ? []
      : [
          `- Machine: others used ${formatNumber(noise.foreignCoresMean)} cores on average and disturbed ${formatPercent(noise.disturbedShare)} of the run`,
        ];
  const disk = noise?.disk ?? null;
  const stood =
    disk === null || disk.stalledShare < DISTURBED
      ? []
      : [`- Machine: its disk stood still in ${formatPercent(disk.stalledShare)} of the run, ${formatDuration(disk.waitMaxMs)} at worst`];
  return [...others, ...stood, ...bad.map((load) => `- Load ${markdownWithin(load.label, 80)}: ${markdownWithin(doubt(load), 200)}`)];
}

function doubt({ generator, workers }: RecordLoad): string {
  const lost = workers.flatMap(({ name, lost: why }) => (why === null ? [] : [`worker ${name} was lost (${why})`]));
  return [...lost, ...(generator.ok ? [] : generator.reasons)].join('; ');
}

/** One entry per cause; what a cause blocked is counted in its entry. */
function findingsOf(record: RunRecord): readonly string[] {
  const roots = new Map(rootCauses(record.criteria).map((root) => [root.id, root]));
  const open = worstFirst(record.criteria.filter(isOpen));
  const causes = new Set(open.filter((criterion) => criterion.blockedBy === null).map((criterion) => criterion.id));
  const explained = new Set([...roots.values()].filter((root) => causes.has(root.id)).flatMap((root) => root.blocked));
  return open
    .filter((criterion) => !explained.has(criterion.id))
    .map((criterion) => finding(criterion, roots.get(criterion.id)?.blocked ?? []));
}

function finding(criterion: RecordCriterion, blocked: readonly string[]): string {
  const basis = formatBasis(criterion);
  const actual = criterion.value === null ? 'no value' : `actual ${formatActual(criterion)}`;
  const lines = [
    `- **${STATE_SIGNS[criterion.state]} ${markdownWithin(criterion.id, 100)}** ${STATE_WORDS[criterion.state]} (${criterion.severity}, ${EFFECT_WORDS[criterion.effect]}): ${actual}${basis === '' ? '' : ` (${basis})`}, target ${markdownWithin(criterion.pass, 60)}. ${markdownWithin(criterion.reason, 260)}`,
    `  Hint: ${markdownWithin(criterion.hint, 200)}`,
    `  Reproduce: ${command(criterion.reproduce)}`,
  ];
  if (criterion.blockedBy !== null) lines.push(`  Blocked by ${markdownWithin(criterion.blockedBy, 100)}.`);
  if (blocked.length > 0) lines.push(`  Kept ${plural(blocked.length, 'check')} from running: ${markdownWithin(blocked.join(', '), 160)}`);
  return lines.join('\n');
}

function tableRow(criterion: RecordCriterion): string {
  const basis = formatBasis(criterion);
  const cells = [
    markdownWithin(criterion.id, 80),
    STATE_WORDS[criterion.state],
    markdownWithin(criterion.pass, 40),
    `${formatActual(criterion)}${basis === '' ? '' : ` (${basis})`}`,
  ];
  return `| ${cells.join(' | ')} |`;
}

/** A shortened command would do something else, so a long one is left to `report.json`. */
function command(text: string): string {
  const code = codeSpan(text);
  return byteLength(code) <= COMMAND_BYTES ? code : 'see report.json (long command)';
}

function takeWhileFits(items: readonly string[], maxBytes: number): readonly string[] {
  let left = maxBytes;
  const fitting = items.findIndex((item) => {
    left -= byteLength(item) + 1;
    return left < 0;
  });
  return fitting === -1 ? items : items.slice(0, fitting);
}

function more(count: number, one: string, many?: string): readonly string[] {
  return count > 0 ? [`… and ${plural(count, `more ${one}`, `more ${many ?? `${one}s`}`)}, in index.html.`] : [];
}

function sizeOf(lines: readonly string[]): number {
  return lines.reduce((total, line) => total + byteLength(line) + 1, 0);
}
