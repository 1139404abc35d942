import type { RunRecord } from '../../../harness/model/record.ts';
import { formatNumber } from '../../format.ts';
import { excerpt } from '../../text.ts';
import type { Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const MAX_CLAIMS = 100;

/** What the target's authors say about it; shown beside the evidence, never counted as evidence. */
export function claims(record: RunRecord, limits: Limits): Markup | null {
  if (record.claims.length === 0) return null;
  return table({
    caption: 'Statements of the target file; they are not evidence and decide nothing',
    label: 'Claims',
    columns: [{ heading: 'Claim' }, { heading: 'Claimed value', numeric: true }, { heading: 'Source' }],
    rows: record.claims
      .slice(0, MAX_CLAIMS)
      .map(({ text, value, source }) => [
        excerpt(text, limits.textLength),
        value === null ? '-' : formatNumber(value),
        source === null ? 'not stated' : excerpt(source, 120),
      ]),
  });
}
