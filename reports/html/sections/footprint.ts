import type { RunRecord } from '../../../harness/model/record.ts';
import { leftOf, leftText, traces } from '../../footprint.ts';
import { excerpt, groupDigits } from '../../text.ts';
import { html, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const MAX_ROWS = 60;

/** What the run made at services that stay, and what of it is still there; nothing of the kind where they went with the run. */
export function footprint({ footprint: seen }: RunRecord, limits: Limits): Markup | null {
  if (seen === null) return null;
  const { requests } = leftOf(seen);
  const rows = [
    ...seen.things.map(({ what, made, removed }) => [excerpt(what, 120), groupDigits(made), groupDigits(removed)]),
    ...seen.requests.map((one) => [
      `accepted: ${excerpt(one.request, 200)}`,
      groupDigits(one.accepted),
      requests.includes(one) ? '-' : 'with its workspace',
    ]),
  ];
  return html`<p><strong>Left at the target: ${excerpt(leftText(seen), limits.textLength)}.</strong> By hand it is found so: ${traces(seen)}.</p>
${seen.notes.slice(0, 20).map(
  (note) => html`<p>${excerpt(note, limits.textLength)}</p>
`,
)}${table({
  caption: 'What the run made at services that stay; what an accepted request made is known only to the target',
  label: 'Left behind',
  columns: [{ heading: 'What' }, { heading: 'Made', numeric: true }, { heading: 'Removed', numeric: true }],
  rows: rows.slice(0, MAX_ROWS),
})}`;
}
