import type { Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import { groupBy } from './group.ts';
import type { Key, Value } from './history.ts';
import { acknowledgedAtMs } from './history.ts';
import { checkTimes, type Read, type RegisterOperation, type Write } from './register-order.ts';

/** Values with versions: two acknowledged writes on one base are a lost update, whatever a read shows afterwards. */
export function checkRegisters(operations: readonly RegisterOperation[], findings: Findings, stalenessMs = 0): void {
  for (const [key, own] of groupBy(operations, ({ action }) => action.key)) {
    const writes = own.filter((operation): operation is Write => operation.action.kind === 'write');
    const reads = own.filter((operation): operation is Read => operation.action.kind === 'read' && operation.outcome === 'ok');
    checkBases(key, writes, findings);
    const writerOf = checkVersions(key, writes, findings);
    const byValue = new Map(writes.map((write) => [write.action.value, write]));
    for (const read of reads) checkRead(key, read, { byValue, writerOf, findings });
    checkProgress(key, own, { findings, stalenessMs });
    checkTimes(key, { reads, writes, stalenessMs }, findings);
  }
}

function checkBases(key: Key, writes: readonly Write[], findings: Findings): void {
  const onBase = new Map<number, Write>();
  for (const write of writes) {
    const { base } = write.action;
    if (base === null || write.outcome !== 'ok') continue;
    const other = onBase.get(base);
    if (other === undefined) onBase.set(base, write);
    else
      findings.add(
        'lost update',
        [other, write],
        () => `${named(other)} and ${named(write)} both replaced version ${base} of ${key} and were both acknowledged`,
      );
  }
}

/** Who wrote which version; a version that was given twice is a fork. */
function checkVersions(key: Key, writes: readonly Write[], findings: Findings): ReadonlyMap<number, Write> {
  const writerOf = new Map<number, Write>();
  for (const write of writes) {
    const { version } = write.action;
    if (version === null || write.outcome !== 'ok') continue;
    const other = writerOf.get(version);
    if (other === undefined) writerOf.set(version, write);
    else
      findings.add(
        'forked order',
        [other, write],
        () => `version ${version} of ${key} was given to ${named(other)} and to ${named(write)}`,
      );
  }
  return writerOf;
}

interface ReadContext {
  readonly byValue: ReadonlyMap<Value, Write>;
  readonly writerOf: ReadonlyMap<number, Write>;
  readonly findings: Findings;
}

/** What was read was written, not refused, and is the value of its version. Version 0 and value null are how a key begins. */
function checkRead(key: Key, read: Read, { byValue, writerOf, findings }: ReadContext): void {
  const { value, version } = read.action;
  if (value === null) return;
  const writer = byValue.get(value);
  if (writer === undefined) {
    findings.add('garbage', [read], () => `${named(read)} read ${value} in ${key}, which nobody wrote`);
    return;
  }
  if (writer.outcome === 'fail')
    findings.add(
      'rejected but applied',
      [writer, read],
      () => `the write of ${value} to ${key} was refused (${named(writer)}), yet ${named(read)} read it`,
    );
  const expected = version === null ? undefined : writerOf.get(version);
  if (expected !== undefined && expected !== writer)
    findings.add(
      'forked order',
      [expected, read],
      () =>
        `${named(read)} read ${value} as version ${version} of ${key}, which ${named(expected)} had been given for ${expected.action.value}`,
    );
}

interface Timing {
  readonly findings: Findings;
  readonly stalenessMs: number;
}

/** After an answer with a version, nothing that begins later may get an older one, nor, once it may not be that old any more, show one. */
function checkProgress(key: Key, operations: readonly RegisterOperation[], { findings, stalenessMs }: Timing): void {
  const acknowledged = operations.filter((operation) => operation.outcome === 'ok' && operation.action.version !== null);
  const byEnd = acknowledged.toSorted((a, b) => acknowledgedAtMs(a) - acknowledgedAtMs(b));
  const byStart = acknowledged.toSorted((a, b) => a.invokedMs - b.invokedMs);
  const written = byStart.filter(({ action }) => action.kind === 'write');
  const read = byStart.filter(({ action }) => action.kind === 'read');
  checkSince(key, { byEnd, later: written }, { findings, stalenessMs: 0 });
  checkSince(key, { byEnd, later: read }, { findings, stalenessMs });
}

interface Sorted {
  readonly byEnd: readonly RegisterOperation[];
  readonly later: readonly RegisterOperation[];
}

function checkSince(key: Key, { byEnd, later }: Sorted, { findings, stalenessMs }: Timing): void {
  let newest: RegisterOperation | null = null;
  let ended = 0;
  for (const operation of later) {
    for (let next = byEnd[ended]; next !== undefined && next.returnedMs + stalenessMs < operation.invokedMs; next = byEnd[ended]) {
      if (newest === null || (next.action.version ?? 0) > (newest.action.version ?? 0)) newest = next;
      ended += 1;
    }
    if (newest !== null && (newest.action.version ?? 0) > (operation.action.version ?? 0)) old(key, { newest, operation }, findings);
  }
}

interface Old {
  readonly newest: RegisterOperation;
  readonly operation: RegisterOperation;
}

function old(key: Key, { newest, operation }: Old, findings: Findings): void {
  const sentence = () =>
    `${named(operation)} ${operation.action.kind === 'read' ? 'shows' : 'was given'} version ${operation.action.version} of ${key}, ${named(newest)} had version ${newest.action.version} before it began`;
  const own = newest.session === operation.session && newest.action.kind === 'write';
  if (operation.action.kind === 'write') findings.add('order against time', [newest, operation], sentence);
  else if (newest.action.kind === 'read') findings.add('non-monotonic read', [newest, operation], sentence);
  else findings.add(own ? 'read your writes' : 'stale read', [newest, operation], sentence);
}
