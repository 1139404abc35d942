import type { RecordCriterion, RunRecord } from '../../../harness/model/record.ts';
import { EFFECT_WORDS, formatActual, formatBasis, SEVERITY_WORDS } from '../../format.ts';
import { rootCauses, worstFirst, type RootCause } from '../../ranking.ts';
import { excerpt, plural } from '../../text.ts';
import { stateBadge } from '../badges.ts';
import { anchor, html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const COLUMNS = ['Criterion', 'State', 'Target', 'Actual', 'Severity', 'Evidence', 'Owner'].map((heading) => ({ heading }));

/** The go/no-go matrix, what decides first, under the causes that kept checks from running. */
export function matrix(record: RunRecord, limits: Limits): Markup {
  const roots = rootCauses(record.criteria);
  if (record.criteria.length === 0) return html`<p>No criterion was declared: nothing was assessed.</p>`;
  return html`${causes(roots, limits)}
${table({
  caption: 'Go/no-go matrix: what decides comes first; brackets hold the confidence interval and the number of samples',
  label: 'Go/no-go matrix',
  className: 'matrix',
  columns: COLUMNS,
  rows: worstFirst(record.criteria).map((criterion) => row(criterion, limits)),
})}`;
}

function causes(roots: readonly RootCause[], limits: Limits): Markup | null {
  if (roots.length === 0) return null;
  return html`<h3>Root causes</h3>
<ul>${roots.map(
    ({
      id,
      criterion,
      blocked,
    }) => html`<li>${criterion === null ? html`<code>${excerpt(id, 120)}</code>` : link(criterion)} kept ${plural(blocked.length, 'check')} from running${
      criterion === null ? null : `: ${excerpt(criterion.reason, limits.textLength)}`
    }
<br><small class="muted">${blocked.slice(0, 30).map((name, at) => [at === 0 ? null : ', ', excerpt(name, 120)])}${blocked.length > 30 ? ` … and ${blocked.length - 30} more` : null}</small></li>
`,
  )}</ul>`;
}

/** The id, linked to its entry in the suite's section. */
export function link(criterion: RecordCriterion): Markup {
  return html`<a href="#${anchor('c', criterion.id)}"><code>${excerpt(criterion.id, 120)}</code></a>`;
}

function row(criterion: RecordCriterion, limits: Limits): readonly Content[] {
  const basis = formatBasis(criterion);
  const { nogo, effect, flaky, severity } = criterion;
  const deciding = effect === 'ok' ? null : html` <small>${EFFECT_WORDS[effect]}${flaky ? ', flaky' : ''}</small>`;
  return [
    html`${link(criterion)} <small>${excerpt(criterion.claim, limits.textLength)}</small>`,
    html`${stateBadge(criterion.state)}${deciding}`,
    html`<span class="nowrap">${excerpt(criterion.pass, 60)}</span>${nogo === null ? null : html` <small class="nowrap">no-go ${excerpt(nogo, 60)}</small>`}`,
    html`<span class="nowrap">${formatActual(criterion)}</span>${basis === '' ? null : html` <small class="nowrap">[${basis}]</small>`}`,
    html`<span class="nowrap">${severity} ${SEVERITY_WORDS[severity]}</span>`,
    criterion.evidence ?? 'none',
    excerpt(criterion.owner, 60),
  ];
}
