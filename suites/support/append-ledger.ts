import type { Outcome } from '../../harness/index.ts';

/** One append as the caller saw it. */
export interface Append {
  readonly key: string;
  readonly value: string;
  readonly outcome: Outcome;
  /** From sending to the answer, on one clock. */
  readonly startMs: number;
  readonly endMs: number;
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
  // 429 and 503 are not in it: a commit whose answer was lost is honestly answered 503.
  const refused = appends.filter(({ outcome }) => outcome === 'rejected');
  return {
    acknowledged: acknowledged.length,
    lost: acknowledged.map(nameOf).filter((name) => !counts.has(name)),
    duplicated: [...counts].filter(([name, count]) => count > 1 && sent.has(name)).map(([name]) => name),
    refusedButThere: refused.map(nameOf).filter((name) => counts.has(name)),
    foreign: [...counts.keys()].filter((name) => !sent.has(name)),
  };
}

/** Acknowledged appends that were under way together with another acknowledged one on the same key: only those can lose each other. */
export function contested(appends: readonly Append[]): number {
  const byKey = new Map<string, Append[]>();
  for (const append of appends.filter(({ outcome }) => outcome === 'ok' || outcome === 'degraded')) {
    byKey.set(append.key, [...(byKey.get(append.key) ?? []), append]);
  }
  return [...byKey.values()].reduce((sum, ofKey) => sum + ofKey.filter((one) => ofKey.some((other) => overlap(one, other))).length, 0);
}

function overlap(one: Append, other: Append): boolean {
  return one !== other && one.startMs < other.endMs && other.startMs < one.endMs;
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
