import type { Key, ListAction, Recorded, Value } from './history.ts';

export type ListOperation = Recorded<ListAction>;

/** A read whose answer was seen. */
export interface ListRead {
  readonly operation: ListOperation;
  readonly values: readonly Value[];
}

/** Everything that was done to one key. */
export interface ListKey {
  readonly key: Key;
  readonly writers: Map<Value, ListOperation>;
  readonly reads: ListRead[];
  /** The longest read: the order in which the values came to be, as far as anybody saw it. */
  order: readonly Value[];
  /** The read it is from; null when the key was never read. */
  longest: ListRead | null;
  positions: ReadonlyMap<Value, number>;
}

/**
 * Sorts a history by key. Reads of operations that failed or are unknown are left out: nobody was told what they saw.
 * @throws Error when a value is appended twice to a key: such a history cannot be judged, and is the recorder's mistake.
 */
export function indexByKey(operations: readonly ListOperation[]): ReadonlyMap<Key, ListKey> {
  const keys = new Map<Key, ListKey>();
  for (const operation of operations) addOperation(keys, operation);
  for (const entry of keys.values()) entry.positions = new Map(entry.order.map((value, position) => [value, position]));
  return keys;
}

function addOperation(keys: Map<Key, ListKey>, operation: ListOperation): void {
  const own = new Map<Key, Value[]>();
  for (const part of operation.action.parts) {
    const entry = entryOf(keys, part.key);
    const mine = own.get(part.key) ?? [];
    if (part.kind === 'append') {
      addWriter(entry, part.value, operation);
      own.set(part.key, [...mine, part.value]);
    } else if (part.values !== null && operation.outcome === 'ok') {
      addRead(entry, { operation, values: withoutOwn(part.values, mine) });
    }
  }
}

function addWriter({ key, writers }: ListKey, value: Value, operation: ListOperation): void {
  if (writers.has(value)) throw new Error(`value ${value} is appended twice to ${key}`);
  writers.set(value, operation);
}

/** What a transaction appended itself before it read is at the end of what it reads, and says nothing about others. */
function withoutOwn(values: readonly Value[], own: readonly Value[]): readonly Value[] {
  if (own.length === 0) return values;
  const tail = values.slice(-own.length);
  return own.every((value, index) => tail[index] === value) ? values.slice(0, -own.length) : values;
}

function addRead(entry: ListKey, read: ListRead): void {
  entry.reads.push(read);
  if (entry.longest !== null && read.values.length <= entry.order.length) return;
  entry.longest = read;
  entry.order = read.values;
}

function entryOf(keys: Map<Key, ListKey>, key: Key): ListKey {
  const known = keys.get(key);
  if (known !== undefined) return known;
  const made: ListKey = { key, writers: new Map(), reads: [], order: [], longest: null, positions: new Map() };
  keys.set(key, made);
  return made;
}
