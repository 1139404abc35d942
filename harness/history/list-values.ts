import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import type { Value } from './history.ts';
import { acknowledgedAtMs } from './history.ts';
import type { ListKey, ListOperation, ListRead } from './list-index.ts';

/** What is in the lists: nothing made up, nothing refused, nothing twice, one order for all, nothing that was acknowledged missing. Returns whether all that holds. */
export function checkValues(entry: ListKey, findings: Findings): boolean {
  const before = findings.count;
  checkOrder(entry, findings);
  checkLost(entry, findings);
  const others = entry.reads.filter((read) => read !== entry.longest && !isPrefix(read.values, entry.order));
  // A value that went missing or came twice moves those after it: the fork is its consequence, not a finding of its own.
  if (findings.count === before) for (const read of others) forked(entry, read, findings);
  return findings.count === before;
}

/** Every read is a prefix of the longest one or a finding of its own, so only the longest is looked at value by value. */
function checkOrder({ key, writers, longest }: ListKey, findings: Findings): void {
  if (longest === null) return;
  const seen = new Set<Value>();
  for (const value of longest.values) {
    const writer = writers.get(value);
    if (seen.has(value)) {
      findings.add(
        'duplicate apply',
        withWriter(longest, writer),
        () => `${value} is in ${key} more than once as ${named(longest.operation)} read it`,
      );
    }
    seen.add(value);
    if (writer === undefined) {
      findings.add('garbage', [longest.operation], () => `${named(longest.operation)} read ${value} in ${key}, which nobody appended`);
    } else if (writer.outcome === 'fail') {
      findings.add(
        'rejected but applied',
        [writer, longest.operation],
        () => `the append of ${value} to ${key} was refused (${named(writer)}), yet ${named(longest.operation)} read it`,
      );
    }
  }
}

function withWriter(read: ListRead, writer: ListOperation | undefined): readonly ListOperation[] {
  return writer === undefined ? [read.operation] : [writer, read.operation];
}

function isPrefix(values: readonly Value[], order: readonly Value[]): boolean {
  for (let index = 0; index < values.length; index += 1) if (values[index] !== order[index]) return false;
  return true;
}

function forked({ key, order, longest }: ListKey, read: ListRead, findings: Findings): void {
  const at = read.values.findIndex((value, index) => value !== order[index]);
  const other = longest === null ? [] : [longest.operation];
  findings.add(
    'forked order',
    [read.operation, ...other],
    () =>
      `${named(read.operation)} read ${read.values[at] ?? 'nothing'} at position ${at} of ${key}, where ${other.map(named).join('')} read ${order[at] ?? 'nothing'}`,
  );
}

/**
 * An acknowledged append that is nowhere in the order, although a read began, or an append that did come through was made, after its
 * acknowledgement. One that nobody could have seen yet is not lost.
 */
function checkLost({ key, writers, reads, order, positions }: ListKey, findings: Findings): void {
  const latestRead = latest(reads.map(({ operation }) => operation));
  const latestWrite = latest(order.flatMap((value) => writers.get(value) ?? []));
  for (const [value, writer] of writers) {
    const atMs = acknowledgedAtMs(writer);
    if (positions.has(value) || atMs === Number.POSITIVE_INFINITY) continue;
    const proof = [latestRead, latestWrite].find((operation) => operation !== null && operation.invokedMs > atMs);
    if (proof === undefined || proof === null) continue;
    findings.add(
      'lost update',
      [writer, proof],
      () =>
        `${named(writer)} was acknowledged for ${value} in ${key}; ${named(proof)}, begun ${(proof.invokedMs - atMs).toFixed(1)} ms later, shows a list without it`,
    );
  }
}

function latest(operations: readonly ListOperation[]): ListOperation | null {
  return operations.reduce<ListOperation | null>(
    (best, operation) => (best === null || operation.invokedMs > best.invokedMs ? operation : best),
    null,
  );
}
