import type { RecordCriterion, RunRecord } from '../../../harness/model/record.ts';
import { SEVERITIES, type Severity } from '../../../harness/model/state.ts';
import { SEVERITY_LIMITS, SEVERITY_WORDS } from '../../format.ts';
import { isOpen, rootCauses, worstFirst } from '../../ranking.ts';
import { excerpt, plural } from '../../text.ts';
import { stateBadge } from '../badges.ts';
import { html, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';
import { link } from './matrix.ts';

/** What is to be done, by severity, with owner and time limit. What a cause blocked is one issue with its cause. */
export function issues(record: RunRecord, limits: Limits): Markup {
  const open = worstFirst(record.criteria.filter(isOpen));
  const ids = new Set(open.map((criterion) => criterion.id));
  const blockedBy = new Map(rootCauses(record.criteria).map(({ id, blocked }) => [id, blocked.length]));
  const own = open.filter((criterion) => criterion.blockedBy === null || !ids.has(criterion.blockedBy));
  if (own.length === 0) return html`<p>None: everything that was assessed is met or does not apply.</p>`;
  return html`${SEVERITIES.map((severity) => {
    const entries = own.filter((criterion) => criterion.severity === severity);
    return entries.length === 0 ? null : bySeverity(severity, entries, { limits, blockedBy });
  })}`;
}

interface IssueParts {
  readonly limits: Limits;
  readonly blockedBy: ReadonlyMap<string, number>;
}

function bySeverity(severity: Severity, entries: readonly RecordCriterion[], { limits, blockedBy }: IssueParts): Markup {
  const limit = SEVERITY_LIMITS[severity];
  return html`<h3>${severity} ${SEVERITY_WORDS[severity]}</h3>
${table({
  caption: `${plural(entries.length, 'issue')}, time limit: ${limit}`,
  label: `${severity} issues`,
  columns: ['Issue', 'State', 'Owner', 'Limit', 'What to do'].map((heading) => ({ heading })),
  rows: entries.map((criterion) => [
    html`${link(criterion)} <small>${excerpt(criterion.reason, limits.textLength)}</small>`,
    html`${stateBadge(criterion.state)}${blocking(blockedBy.get(criterion.id) ?? 0)}`,
    excerpt(criterion.owner, 60),
    html`<span class="nowrap">${limit}</span>`,
    html`${excerpt(criterion.hint, limits.textLength)} <small><code>${excerpt(criterion.reproduce, limits.textLength)}</code></small>`,
  ]),
})}`;
}

function blocking(count: number): Markup | null {
  return count === 0 ? null : html` <small>blocks ${plural(count, 'check')}</small>`;
}
