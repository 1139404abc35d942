import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import type { Key, Recorded, SetAction, Value } from './history.ts';
import { acknowledgedAtMs } from './history.ts';

type SetOperation = Recorded<SetAction>;

interface SetKey {
  readonly adds: Map<Value, SetOperation>;
  readonly reads: { readonly operation: SetOperation; readonly values: ReadonlySet<Value> }[];
}

/** Sets that only grow: what was acknowledged is in every later read, what was refused in none. */
export function checkSets(operations: readonly SetOperation[], findings: Findings): void {
  for (const [key, { adds, reads }] of byKey(operations)) {
    const lastSeen = new Map<Value, number>();
    for (const { operation, values } of reads) {
      checkMembers(key, { operation, adds }, findings);
      for (const value of values) lastSeen.set(value, Math.max(lastSeen.get(value) ?? 0, operation.invokedMs));
    }
    for (const [value, add] of adds) checkAdded(key, { value, add, reads, lastSeenMs: lastSeen.get(value) ?? null }, findings);
  }
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

interface Added {
  readonly value: Value;
  readonly add: SetOperation;
  readonly reads: SetKey['reads'];
  readonly lastSeenMs: number | null;
}

/** Missing in a later read: lost when no read after that one shows it again, else that read was stale. */
function checkAdded(key: Key, { value, add, reads, lastSeenMs }: Added, findings: Findings): void {
  const atMs = acknowledgedAtMs(add);
  const without = reads.filter(({ operation, values }) => operation.invokedMs > atMs && !values.has(value));
  for (const { operation } of without.slice(0, 1)) {
    const lost = lastSeenMs === null || without.some((read) => read.operation.invokedMs > lastSeenMs);
    const own = operation.session === add.session;
    findings.add(
      lost ? 'lost update' : own ? 'read your writes' : 'stale read',
      [add, operation],
      () =>
        `${named(add)} was acknowledged for ${value} in ${key}; ${named(operation)}, begun ${(operation.invokedMs - atMs).toFixed(1)} ms later, does not show it`,
    );
  }
}
