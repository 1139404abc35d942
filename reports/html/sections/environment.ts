import type { RunRecord } from '../../../harness/model/record.ts';
import { clip, groupDigits, oneLine } from '../../text.ts';
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
    ['Provider', `${run.provider}: ${clip(oneLine(seen.providerReason), limits.textLength)}`],
    ['Configuration digest', html`<code>${clip(oneLine(seen.configDigest), 120)}</code>`],
    ...facts.slice(0, MAX_FACTS).map(([name, value]) => [clip(oneLine(name), 120), clip(oneLine(value), limits.textLength)]),
  ];
  return table({ caption: 'Environment fingerprint', label: 'Environment', columns: [{ heading: 'Fact' }, { heading: 'Value' }], rows });
}
