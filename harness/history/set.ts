import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import type { Key, Recorded, SetAction, Value } from './history.ts';
import { acknowledgedAtMs } from './history.ts';

type SetOperation = Recorded<SetAction>;

interface SetKey {
  readonly adds: Map<Value, SetOperation>;
  readonly reads: { readonly operation: SetOperation; readonly values: ReadonlySet<Value> }[];
}

/** Sets that only grow: what was acknowledged is in every later read that may not be from before it, what was refused in none. */
export function checkSets(operations: readonly SetOperation[], findings: Findings, stalenessMs = 0): void {
  for (const [key, set] of byKey(operations)) {
    for (const { operation } of set.reads) checkMembers(key, { operation, adds: set.adds }, findings);
    checkAdded(key, set, { findings, stalenessMs });
  }
}

interface Timing {
  readonly findings: Findings;
  readonly stalenessMs: number;
}

function byKey(operations: readonly SetOperation[]): ReadonlyMap<Key, SetKey> {
  const keys = new Map<Key, SetKey>();
  for (const operation of operations) {
    const { action } = operation;
    const entry: SetKey = keys.get(action.key) ?? { adds: new Map(), reads: [] };
    keys.set(action.key, entry);
    if (action.kind === 'add') entry.adds.set(action.value, operation);
    else if (action.values !== null && operation.outcome === 'ok') entry.reads.push({ operation, values: new Set(action.values) });
  }
  return keys;
}

interface Members {
  readonly operation: SetOperation;
  readonly adds: ReadonlyMap<Value, SetOperation>;
}

function checkMembers(key: Key, { operation, adds }: Members, findings: Findings): void {
  const { action } = operation;
  const values = action.kind === 'read' ? (action.values ?? []) : [];
  const seen = new Set<Value>();
  for (const value of values) {
    const add = adds.get(value);
    if (seen.has(value)) findings.add('duplicate apply', [operation], () => `${named(operation)} read ${value} in ${key} more than once`);
    seen.add(value);
    if (add === undefined || add.invokedMs > operation.returnedMs)
      findings.add('garbage', [operation], () => `${named(operation)} read ${value} in ${key}, which nobody had added`);
    else if (add.outcome === 'fail')
      findings.add(
        'rejected but applied',
        [add, operation],
        () => `the add of ${value} to ${key} was refused (${named(add)}), yet ${named(operation)} read it`,
      );
  }
}

interface Missed {
  readonly add: SetOperation;
  readonly value: Value;
  /** The first read that should have shown it. */
  readonly read: SetOperation;
  /** No read after one that misses it shows it again. */
  readonly isLost: boolean;
}

/**
 * Missing in a later read: lost when no read after that one shows it again, else that read was stale. In a set that lost something for good, what came
 * back was lost too: who overwrites it may write what somebody else had just taken out.
 */
function checkAdded(key: Key, { adds, reads }: SetKey, { findings, stalenessMs }: Timing): void {
  const lastSeen = new Map<Value, number>();
  for (const { operation, values } of reads)
    for (const value of values) lastSeen.set(value, Math.max(lastSeen.get(value) ?? 0, operation.invokedMs));
  const missed = [...adds].flatMap(([value, add]): readonly Missed[] => {
    const dueMs = acknowledgedAtMs(add) + stalenessMs;
    const without = reads.filter(({ operation, values }) => operation.invokedMs > dueMs && !values.has(value));
    const seenMs = lastSeen.get(value);
    const isLost = seenMs === undefined || without.some(({ operation }) => operation.invokedMs > seenMs);
    return without.slice(0, 1).map(({ operation: read }) => ({ add, value, read, isLost }));
  });
  const isLossy = missed.some(({ isLost }) => isLost);
  for (const { add, value, read } of missed) {
    const late = read.session === add.session ? 'read your writes' : 'stale read';
    findings.add(
      isLossy ? 'lost update' : late,
      [add, read],
      () =>
        `${named(add)} was acknowledged for ${value} in ${key}; ${named(read)}, begun ${(read.invokedMs - acknowledgedAtMs(add)).toFixed(1)} ms later, does not show it`,
    );
  }
}
