import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import { acknowledgedAtMs } from './history.ts';
import type { ListKey, ListOperation, ListRead } from './list-index.ts';

/**
 * Whether what was seen agrees with the clock. An append stands at its position in the order, a read between the last value it saw and the
 * next: whatever was over before something else began must stand before it. Together with `checkValues` this is linearizability of the
 * list, in O(n log n).
 */
export function checkTime(entry: ListKey, { findings, stalenessMs }: Timing): void {
  const earliest = earliestAcknowledged(entry);
  for (const read of entry.reads) {
    const missed = earliest[read.values.length];
    if (missed !== undefined && missed !== null && missed.atMs + stalenessMs < read.operation.invokedMs)
      stale(entry, read, { missed, findings });
    checkFuture(entry, read, findings);
  }
  checkAppendOrder(entry, earliest, findings);
  checkReads(entry, { findings, stalenessMs });
}

interface Timing {
  readonly findings: Findings;
  /** Reads may be so old. */
  readonly stalenessMs: number;
}

interface Acknowledged {
  readonly operation: ListOperation;
  readonly atMs: number;
}

/** Per position: of the appends there and after it the one that was acknowledged first. */
function earliestAcknowledged({ order, writers }: ListKey): readonly (Acknowledged | null)[] {
  const earliest: (Acknowledged | null)[] = Array.from({ length: order.length + 1 }, () => null);
  for (let position = order.length - 1; position >= 0; position -= 1) {
    const value = order[position];
    const operation = value === undefined ? undefined : writers.get(value);
    const later = earliest[position + 1] ?? null;
    const atMs = operation === undefined ? Number.POSITIVE_INFINITY : acknowledgedAtMs(operation);
    earliest[position] = operation !== undefined && (later === null || atMs < later.atMs) ? { operation, atMs } : later;
  }
  return earliest;
}

interface Stale {
  readonly missed: Acknowledged;
  readonly findings: Findings;
}

function stale({ key }: ListKey, { operation }: ListRead, { missed, findings }: Stale): void {
  const own = missed.operation.session === operation.session;
  findings.add(
    own ? 'read your writes' : 'stale read',
    [missed.operation, operation],
    () =>
      `${named(operation)} of ${key} began ${(operation.invokedMs - missed.atMs).toFixed(1)} ms after ${named(missed.operation)} was acknowledged and does not show it`,
  );
}

/** The last value of a read was not even asked for when the read was over. */
function checkFuture({ key, writers }: ListKey, { operation, values }: ListRead, findings: Findings): void {
  const value = values.find((candidate) => (writers.get(candidate)?.invokedMs ?? 0) > operation.returnedMs);
  const writer = value === undefined ? undefined : writers.get(value);
  if (writer === undefined) return;
  findings.add(
    'garbage',
    [operation, writer],
    () => `${named(operation)} read ${value} in ${key} before anybody appended it (${named(writer)})`,
  );
}

/** An append that was over before another began stands before it. */
function checkAppendOrder({ key, order, writers }: ListKey, earliest: readonly (Acknowledged | null)[], findings: Findings): void {
  for (const [position, value] of order.entries()) {
    const operation = writers.get(value);
    const after = earliest[position + 1] ?? null;
    if (operation === undefined || after === null || after.atMs >= operation.invokedMs) continue;
    findings.add(
      'order against time',
      [after.operation, operation],
      () => `${named(after.operation)} was acknowledged before ${named(operation)} began, yet stands after it in ${key}`,
    );
  }
}

/** A read that began after another was over shows at least as much. */
function checkReads({ key, reads }: ListKey, { findings, stalenessMs }: Timing): void {
  const byStart = reads.toSorted((a, b) => a.operation.invokedMs - b.operation.invokedMs);
  const byEnd = reads.toSorted((a, b) => a.operation.returnedMs - b.operation.returnedMs);
  let most: ListRead | null = null;
  let ended = 0;
  for (const read of byStart) {
    for (
      let next = byEnd[ended];
      next !== undefined && next.operation.returnedMs + stalenessMs < read.operation.invokedMs;
      next = byEnd[ended]
    ) {
      if (most === null || next.values.length > most.values.length) most = next;
      ended += 1;
    }
    if (most !== null && most.values.length > read.values.length) backwards(key, { before: most, after: read }, findings);
  }
}

function backwards(key: string, { before, after }: { readonly before: ListRead; readonly after: ListRead }, findings: Findings): void {
  findings.add(
    'non-monotonic read',
    [before.operation, after.operation],
    () =>
      `${named(after.operation)} shows ${after.values.length} values of ${key}, ${named(before.operation)} had shown ${before.values.length} before it began`,
  );
}
