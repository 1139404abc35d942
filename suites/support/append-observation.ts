import type { Observed } from '../../harness/index.ts';
import { settleAppends, violations, type Append } from './append-ledger.ts';

type Values = ReadonlyMap<string, readonly string[]>;

/**
 * "Every acknowledged append is there, once": by what the target shows and, where bound, by what its database holds.
 * `trials` are the appends that could show otherwise: all acknowledged ones unless given.
 */
export function appendObservation(
  appends: readonly Append[],
  seen: { readonly shown: Values; readonly stored: Values | null },
  trials = settleAppends(appends, seen.shown).acknowledged,
): Pick<Observed, 'observation' | 'witnesses'> {
  const byRead = violations(settleAppends(appends, seen.shown));
  const byStore = seen.stored === null ? [] : violations(settleAppends(appends, seen.stored)).map((text) => `${text} (database)`);
  const found = byRead.length >= byStore.length ? byRead : byStore;
  const acknowledged = settleAppends(appends, seen.shown).acknowledged;
  const outcomes = countBy(appends);
  return {
    observation: { kind: 'count', trials, count: found.length, examples: found.slice(0, 5) },
    witnesses: [
      { source: 'responses', saw: `${appends.length} appends: ${outcomes}` },
      { source: 'reading back', saw: `${byRead.length} violations among ${acknowledged} acknowledged` },
      ...(seen.stored === null ? [] : [{ source: 'database', saw: `${byStore.length} violations among ${acknowledged} acknowledged` }]),
    ],
  };
}

function countBy(appends: readonly Append[]): string {
  const counts = new Map<string, number>();
  for (const { outcome } of appends) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  return [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ') || 'none';
}
