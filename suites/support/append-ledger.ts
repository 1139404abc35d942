import type { Outcome } from '../../harness/index.ts';

/** One append as the caller saw it. */
export interface Append {
  readonly key: string;
  readonly value: string;
  readonly outcome: Outcome;
}

/** What became of the appends, judged by a read after everything has settled. */
export interface LedgerFindings {
  readonly acknowledged: number;
  /** Acknowledged, but not there. */
  readonly lost: readonly string[];
  /** There more than once. */
  readonly duplicated: readonly string[];
  /** Refused (a definite 4xx), but there nevertheless. */
  readonly refusedButThere: readonly string[];
  /** There, but never sent by us. */
  readonly foreign: readonly string[];
}

/** Appends that answered ok (or a declared fallback) are acknowledged; unknown outcomes may be there or not. */
export function settleAppends(appends: readonly Append[], stored: ReadonlyMap<string, readonly string[]>): LedgerFindings {
  const counts = countStored(stored);
  const sent = new Set(appends.map(nameOf));
  const acknowledged = appends.filter(({ outcome }) => outcome === 'ok' || outcome === 'degraded');
  const refused = appends.filter(({ outcome }) => outcome === 'rejected' || outcome === 'shed');
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.map(nameOf).filter((name) => !counts.has(name)),
    duplicated: [...counts].filter(([name, count]) => count > 1 && sent.has(name)).map(([name]) => name),
    refusedButThere: refused.map(nameOf).filter((name) => counts.has(name)),
    foreign: [...counts.keys()].filter((name) => !sent.has(name)),
  };
}

/** Everything that breaks the claim "every acknowledged append is there, once", in sentences. */
export function violations(findings: LedgerFindings): readonly string[] {
  return [
    ...findings.lost.map((name) => `${name} was acknowledged and is not there`),
    ...findings.duplicated.map((name) => `${name} is there more than once`),
    ...findings.refusedButThere.map((name) => `${name} was refused and is there`),
    ...findings.foreign.map((name) => `${name} is there and was never sent`),
  ];
}

function nameOf({ key, value }: Pick<Append, 'key' | 'value'>): string {
  return `${value} in ${key}`;
}

function countStored(stored: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [key, values] of stored) {
    for (const value of values) {
      const name = nameOf({ key, value });
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
  }
  return counts;
}
