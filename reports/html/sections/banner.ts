import type { RunRecord } from '../../../harness/model/record.ts';
import { formatDuration, formatInstant, formatPercent, VERDICT_MEANING, VERDICT_WORDS } from '../../format.ts';
import { countStates, whoMustAct } from '../../ranking.ts';
import { excerpt } from '../../text.ts';
import { stateBadge, VERDICT_TONES, verdictIcon } from '../badges.ts';
import { html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';

/** The decision: verdict in words and sign, the rule that decided, what was assessed, when, and who must act. */
export function banner(record: RunRecord, limits: Limits): Markup {
  const text = (value: string): string => excerpt(value, limits.textLength);
  return html`<header class="banner tone-${VERDICT_TONES[record.verdict]}">
<div>
<p class="eyebrow">Readiness of <strong>${text(record.target.name)}</strong></p>
<h1 class="verdict">${verdictIcon(record.verdict)} ${VERDICT_WORDS[record.verdict]}</h1>
<p class="rule">${text(record.reason)}</p>
<p class="muted">${VERDICT_MEANING[record.verdict]}</p>
${record.run.complete ? null : html`<p class="partial"><strong>Partial record:</strong> the run was cut short.</p>`}
<ul class="tally" aria-label="Criteria by state">${countStates(record.criteria).map(
    ({ state, count }) => html`<li><strong>${count}</strong> ${stateBadge(state)}</li>
`,
  )}</ul>
</div>
<dl class="facts">${facts(record, text).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>
</header>`;
}

function facts(record: RunRecord, text: (value: string) => string): readonly (readonly [string, Content])[] {
  const { run, subject, score } = record;
  const who = whoMustAct(record);
  return [
    ['Version', text(subject.version ?? 'not stated')],
    ['Commit', html`<code>${text(subject.commit ?? 'not stated')}</code>`],
    ['Must act', who.length === 0 ? 'nobody' : text(who.join(', '))],
    ['Assessed', html`<time datetime="${run.startedAt}">${formatInstant(run.startedAt)}</time>`],
    ['Took', `${formatDuration(run.durationMs)}, ${run.complete ? 'complete' : 'cut short'}`],
    ['Profile', `${text(run.profile)}, provider ${text(run.provider)}`],
    ['Readiness', `${scoreText(score)}; it never decides`],
    ['Run', html`<code>${text(run.id)}</code>`],
    ['Exit code', String(record.exitCode)],
  ];
}

/** `86 to 100 %, coverage 86 %`; one number only when everything is known. */
export function scoreText({ low, high, coverage }: RunRecord['score']): string {
  const range = low === high ? formatPercent(low) : `${formatPercent(low)} to ${formatPercent(high)}`;
  return `${range}, coverage ${formatPercent(coverage)}`;
}
