import type { RunRecord } from '../../../harness/model/record.ts';
import { excerpt, groupDigits } from '../../text.ts';
import { html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const MAX_FACTS = 200;

/** Where it was measured: what must be equal before two runs are compared. */
export function environment({ environment: seen, run }: RunRecord, limits: Limits): Markup {
  const facts = Object.entries(seen.facts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows: readonly (readonly Content[])[] = [
    ['Node.js', seen.node],
    ['Platform', seen.platform],
    ['Processors', seen.cpus],
    ['Memory', `${groupDigits(seen.memoryMb)} MiB`],
    ['Provider', `${run.provider}: ${excerpt(seen.providerReason, limits.textLength)}`],
    ['Configuration digest', html`<code>${excerpt(seen.configDigest, 120)}</code>`],
    ...facts.slice(0, MAX_FACTS).map(([name, value]) => [excerpt(name, 120), excerpt(value, limits.textLength)]),
  ];
  return table({ caption: 'Environment fingerprint', label: 'Environment', columns: [{ heading: 'Fact' }, { heading: 'Value' }], rows });
}
