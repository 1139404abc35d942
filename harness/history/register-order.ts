import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import type { Key, Recorded, RegisterAction, Value } from './history.ts';

export type RegisterOperation = Recorded<RegisterAction>;
export type Write = RegisterOperation & { readonly action: Extract<RegisterAction, { kind: 'write' }> };
export type Read = RegisterOperation & { readonly action: Extract<RegisterAction, { kind: 'read' }> };

/**
 * What can be told without versions, by time alone: a read that begins after a write was acknowledged shows neither nothing nor what had been
 * acknowledged before that write began, unless it may be that old. A value that was written twice, or by a write of unknown outcome, may be a later one.
 */
export function checkTimes(
  key: Key,
  { reads, writes, stalenessMs }: { readonly reads: readonly Read[]; readonly writes: readonly Write[]; readonly stalenessMs: number },
  findings: Findings,
): void {
  const acknowledged = writes.filter(({ outcome }) => outcome === 'ok').toSorted((a, b) => a.returnedMs - b.returnedMs);
  const writerOf = onlyWriters(writes);
  for (const hasVersion of [false, true]) {
    // Whoever has versions on both sides is compared by them.
    const over = hasVersion ? acknowledged.filter(({ action }) => action.version === null) : acknowledged;
    const asked = reads.filter(({ action }) => (action.version !== null) === hasVersion);
    for (const [read, latest] of latestBefore(asked, over, stalenessMs))
      checkAgainst(key, { read, latest, writer: writerOf(read) }, findings);
  }
}

/** With each read that write of those acknowledged before it that began last. @param acknowledged in the order in which they were. */
function latestBefore(reads: readonly Read[], acknowledged: readonly Write[], stalenessMs: number): readonly (readonly [Read, Write])[] {
  const pairs: [Read, Write][] = [];
  let latest: Write | null = null;
  let ended = 0;
  for (const read of reads.toSorted((a, b) => a.invokedMs - b.invokedMs)) {
    for (let next = acknowledged[ended]; next !== undefined && next.returnedMs + stalenessMs < read.invokedMs; next = acknowledged[ended]) {
      if (latest === null || next.invokedMs > latest.invokedMs) latest = next;
      ended += 1;
    }
    if (latest !== null) pairs.push([read, latest]);
  }
  return pairs;
}

interface Late {
  readonly read: Read;
  /** Of the writes that were acknowledged before it the one that began last. */
  readonly latest: Write;
  readonly writer: Write | null;
}

function checkAgainst(key: Key, { read, latest, writer }: Late, findings: Findings): void {
  if (read.action.value === null) {
    findings.add(
      'lost update',
      [latest, read],
      () => `${named(read)} found nothing in ${key}, ${named(latest)} was acknowledged before it began`,
    );
  } else if (writer?.outcome === 'ok' && writer.returnedMs < latest.invokedMs) {
    findings.add(
      latest.session === read.session ? 'read your writes' : 'stale read',
      [latest, read],
      () => `${named(read)} read ${read.action.value} in ${key}, ${named(latest)} had replaced it before it began`,
    );
  }
}

/** null: nobody wrote what was read, or more than one. */
function onlyWriters(writes: readonly Write[]): (read: Read) => Write | null {
  const writers = new Map<Value, Write | null>();
  for (const write of writes) writers.set(write.action.value, writers.has(write.action.value) ? null : write);
  return ({ action: { value } }) => (value === null ? null : (writers.get(value) ?? null));
}
