import type { RecordDisk, RunRecord } from '../../../harness/model/record.ts';
import { formatDuration, formatNumber, formatPercent } from '../../format.ts';
import { excerpt, groupDigits } from '../../text.ts';
import { html, type Content, type Markup } from '../markup.ts';
import type { Limits } from '../section.ts';
import { table } from '../table.ts';

const MAX_FACTS = 200;

/** Where it was measured: what must be equal before two runs are compared. */
export function environment({ environment: seen, run, noise }: RunRecord, limits: Limits): Markup {
  const facts = Object.entries(seen.facts).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const rows: readonly (readonly Content[])[] = [
    ['Node.js', seen.node],
    ['Platform', seen.platform],
    ['Processors', seen.cpus],
    ['Memory', `${groupDigits(seen.memoryMb)} MiB`],
    ['Others on the machine', noiseText(noise)],
    ['Provider', `${run.provider}: ${excerpt(seen.providerReason, limits.textLength)}`],
    ['Configuration digest', html`<code>${excerpt(seen.configDigest, 120)}</code>`],
    ...facts.slice(0, MAX_FACTS).map(([name, value]) => [excerpt(name, 120), excerpt(value, limits.textLength)]),
  ];
  return table({ caption: 'Environment fingerprint', label: 'Environment', columns: [{ heading: 'Fact' }, { heading: 'Value' }], rows });
}

function noiseText(noise: RunRecord['noise']): string {
  if (noise === null) return 'not known: what is foreign cannot be told from the target here';
  const { foreignCoresMean, foreignCoresPeak, disturbedShare, timerLatenessP50Ms, timerLatenessP99Ms, disk } = noise;
  const used = `used ${formatNumber(foreignCoresMean)} cores on average, ${formatNumber(foreignCoresPeak)} in the worst second`;
  const timers = `our own timers were ${formatDuration(timerLatenessP50Ms)} late (p50), ${formatDuration(timerLatenessP99Ms)} (p99)`;
  return `${used}; they kept the run from its processors in ${formatPercent(disturbedShare)} of its time; ${timers}; ${diskText(disk)}`;
}

function diskText(disk: RecordDisk | null): string {
  if (disk === null) return 'the disk was not to be seen';
  const { waitP50Ms, waitMaxMs, stalledShare } = disk;
  const took = `the disk took ${formatDuration(waitP50Ms)} (p50) for 4 KiB, ${formatDuration(waitMaxMs)} at worst`;
  return `${took}, and stood still with little to write in ${formatPercent(stalledShare)} of the time`;
}
