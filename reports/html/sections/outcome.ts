import type { RunRecord } from '../../../harness/model/record.ts';
import { formatDuration, formatPercent, VERDICT_WORDS } from '../../format.ts';
import { excerpt, oneLine } from '../../text.ts';
import { html, type Markup } from '../markup.ts';
import { light } from '../palette.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';
import { scoreText } from './banner.ts';

const BAR = { width: 480, height: 26 };

/** The readiness interval with its formula; what is not known is the hatched part between low and high. */
export function score({ score: readiness }: RunRecord, limits: Limits): Markup {
  const { low, high, coverage, formula } = readiness;
  const at = (share: number): number => Math.round(Math.min(1, Math.max(0, share)) * BAR.width * 10) / 10;
  const text = scoreText(readiness);
  return html`<p><strong>${text}.</strong> The score is an interval: what was not found out could go either way. It never decides.</p>
<svg role="img" aria-labelledby="score-t" viewBox="0 0 ${BAR.width} ${BAR.height}" width="${BAR.width}" height="${BAR.height}"><title id="score-t">Readiness ${text}</title>
<rect x="0" y="8" width="${BAR.width}" height="10" fill="${light('rule')}" class="fill-rule"/>
<rect x="0" y="8" width="${at(low)}" height="10" fill="${light('lineA')}" class="fill-lineA"/>
<rect x="${at(low)}" y="11" width="${at(high) - at(low)}" height="4" fill="${light('unknown')}" class="fill-unknown"/>
</svg>
<p class="muted">Solid: credit that is certain, up to ${formatPercent(low)}. Thin: not known, up to ${formatPercent(high)}. Coverage ${formatPercent(coverage)}. Formula: ${excerpt(formula, limits.textLength)}.</p>`;
}

export function plan(record: RunRecord, limits: Limits): Markup | null {
  if (record.plan.length === 0) return null;
  return html`<p>After <strong>${VERDICT_WORDS[record.verdict]}</strong>, in this order:</p>
<ol>${record.plan.slice(0, 100).map(
    (step) => html`<li>${excerpt(step, limits.textLength)}</li>
`,
  )}</ol>`;
}

/** Where the run's time went. */
export function overhead(record: RunRecord): Markup | null {
  const entries = Object.entries(record.overhead);
  if (entries.length === 0) return null;
  const total = record.run.durationMs;
  return table({
    caption: `Time of the run, ${formatDuration(total)} in all`,
    label: 'Overhead',
    columns: [{ heading: 'Spent on' }, { heading: 'Time', numeric: true }, { heading: 'Share of the run', numeric: true }],
    rows: entries.slice(0, 50).map(([name, ms]) => [words(name), formatDuration(ms), total > 0 ? formatPercent(ms / total) : '-']),
  });
}

/** `teardownMs` → `teardown`, `startServicesMs` → `start services`. */
function words(name: string): string {
  return oneLine(name)
    .replace(/Ms$/u, '')
    .replace(/(?<=[a-z])(?=[A-Z])/gu, ' ')
    .toLowerCase();
}

export function colophon({ run, schemaVersion, environment, exitCode }: RunRecord, limits: Limits): Markup {
  return html`<p>Seed <code>${run.seed}</code>, exit code ${exitCode}, record schema version ${schemaVersion}, Muster ${excerpt(run.musterVersion, 40)}. The same seed replays the same schedule:</p>
<pre class="command" tabindex="0" aria-label="Command of this run">${excerpt(run.command, limits.textLength)}</pre>
<p class="muted">This page was rendered from <code>report.json</code> alone and holds no scripts and no outside references; the same record gives the same bytes. Configuration ${excerpt(environment.configDigest, 120)}.</p>`;
}
