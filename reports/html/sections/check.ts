import type { RecordCriterion } from '../../../harness/model/record.ts';
import { EFFECT_WORDS, formatActual, formatDuration, formatInterval, SEVERITY_WORDS } from '../../format.ts';
import { isOpen } from '../../ranking.ts';
import { excerpt, groupDigits } from '../../text.ts';
import { STATE_TONES, stateBadge } from '../badges.ts';
import { operationTimeline } from '../charts/operations.ts';
import { anchor, html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';

/** One claim: its state and value in the summary line; reason, evidence and what to do inside. Unfolded when it is an issue of its own. */
export function check(criterion: RecordCriterion, limits: Limits): Markup {
  const text = (value: string): string => excerpt(value, limits.textLength);
  const open = isOpen(criterion);
  return html`<details class="check" id="${anchor('c', criterion.id)}"${open && criterion.blockedBy === null ? html` open` : null}>
<summary>${stateBadge(criterion.state)} <span class="claim">${text(criterion.claim)} <code>${text(criterion.id)}</code></span> <span class="nowrap">${formatActual(criterion)}</span></summary>
<div class="body">
<p class="note tone-${STATE_TONES[criterion.state]}">${text(criterion.reason)}</p>
<dl class="facts">${facts(criterion, text).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${witnesses(criterion, limits)}
${open ? html`<p><strong>What to do:</strong> ${text(criterion.hint)}</p>` : null}
<pre class="command" tabindex="0" aria-label="Command that repeats this check">${text(criterion.reproduce)}</pre>
</div>
</details>
`;
}

function facts(criterion: RecordCriterion, text: (value: string) => string): readonly (readonly [string, Content])[] {
  const { interval, unit, window, nogo, severity, effect, evidence, blockedBy } = criterion;
  const bounds = nogo === null ? text(criterion.pass) : `${text(criterion.pass)}, no-go ${text(nogo)}`;
  const range = interval === null ? 'no interval' : formatInterval(interval, unit);
  return [
    ['Target', bounds],
    ['Actual', `${formatActual(criterion)}, ${range}, ${groupDigits(criterion.samples)} samples`],
    ['Severity', `${severity} ${SEVERITY_WORDS[severity]}; effect on the verdict: ${EFFECT_WORDS[effect]}`],
    ['Evidence', evidence ?? 'none'],
    ['Measured', window === null ? 'not measured' : `from ${formatDuration(window.startMs)} to ${formatDuration(window.endMs)} of the run`],
    ['Owner', text(criterion.owner)],
    ...(criterion.flaky ? [['Flaky', 'attempts disagreed'] as const] : []),
    ...(blockedBy === null
      ? []
      : [['Blocked by', html`<a href="#${anchor('c', blockedBy)}"><code>${text(blockedBy)}</code></a>`] as const]),
  ];
}

function witnesses({ id, witnesses: all }: RecordCriterion, limits: Limits): Markup | null {
  if (all.length === 0) return null;
  const left = all.length - limits.witnesses;
  return html`<p><strong>Witnesses</strong></p>
<ul>${all.slice(0, limits.witnesses).map(
    (
      { source, saw, timeline },
      at,
    ) => html`<li>${excerpt(source, 120)}: ${excerpt(saw, limits.textLength)}${timeline === null ? null : operationTimeline(anchor('t', `${id}-${at}`), timeline)}</li>
`,
  )}${left > 0 ? html`<li>… and ${left} more in report.json</li>` : null}</ul>`;
}
