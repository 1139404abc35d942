import { formatDuration, formatNumber } from '../format.ts';
import { oneLine } from '../text.ts';
import type { Status } from './status.ts';

/** The live block: one line about the suite, one per fault in force. Without colours, one line feed per entry is the caller's. */
export function liveLines(status: Status, elapsedMs: number): readonly string[] {
  const parts = [stamp(elapsedMs), ...whereParts(status), ...loadParts(status)];
  const faults = status.faults.map(
    ({ fault, text, sinceMs }) =>
      `  fault in force for ${formatDuration(roundSeconds(elapsedMs - sinceMs))}: ${oneLine(fault)} ${oneLine(text)}`,
  );
  return [parts.join('  '), ...faults];
}

function whereParts({ phase, ended, running, service }: Status): readonly string[] {
  if (phase === null) return ['starting the environment', ...(service === null ? [] : [oneLine(service)])];
  const latest = running.at(-1);
  const others = running.length > 1 ? ` and ${running.length - 1} more` : '';
  return [
    `${oneLine(phase.suite)} ${phase.index + 1}/${phase.total}`,
    `${ended} of ${phase.planned} checks`,
    ...(latest === undefined ? [] : [`${oneLine(latest)}${others}`]),
  ];
}

function loadParts({ load }: Status): readonly string[] {
  if (load === null) return [];
  const by = load.workers === 1 ? '' : ` by ${load.workers} workers`;
  return [`${formatNumber(load.sentPerSecond)} rps${by}`, ...(load.p95Ms === null ? [] : [`p95 ${formatDuration(load.p95Ms)}`])];
}

/** `[  12.3 s]`: every line starts with it, so no text of a target ever stands at the start of a CI line. */
export function stamp(atMs: number): string {
  return `[${(Math.max(0, atMs) / 1000).toFixed(1).padStart(6)} s]`;
}

function roundSeconds(ms: number): number {
  return Math.max(0, Math.round(ms / 100) * 100);
}
