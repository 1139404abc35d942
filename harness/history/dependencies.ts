import type { Key } from './history.ts';
import type { ListKey, ListOperation } from './list-index.ts';

/**
 * Why one transaction comes before another (Adya 1999): `ww` it wrote the version before, `wr` the other read what it wrote, `rw` it read
 * the version that the other replaced.
 */
export type DependencyKind = 'ww' | 'wr' | 'rw';

export interface Dependency {
  readonly from: ListOperation;
  readonly to: ListOperation;
  readonly kind: DependencyKind;
  readonly key: Key;
}

export type Graph = ReadonlyMap<ListOperation, readonly Dependency[]>;

/** The dependencies that the orders of the keys show. */
export function dependenciesOf(keys: Iterable<ListKey>): Graph {
  const graph = new Map<ListOperation, Dependency[]>();
  const add = (from: ListOperation | undefined, to: ListOperation | undefined, how: Pick<Dependency, 'kind' | 'key'>): void => {
    if (from === undefined || to === undefined || from === to) return;
    const known = graph.get(from);
    const dependency = { from, to, ...how };
    if (known === undefined) graph.set(from, [dependency]);
    else known.push(dependency);
  };
  for (const { key, order, writers, reads } of keys) {
    const writerAt = (position: number): ListOperation | undefined => {
      const value = order[position];
      return value === undefined ? undefined : writers.get(value);
    };
    for (let position = 1; position < order.length; position += 1) add(writerAt(position - 1), writerAt(position), { kind: 'ww', key });
    for (const { operation, values } of reads) {
      add(writerAt(values.length - 1), operation, { kind: 'wr', key });
      add(operation, nextOfAnother(values.length, operation, writerAt), { kind: 'rw', key });
    }
  }
  return graph;
}

/** The first append after `position` that is not the reader's own. */
function nextOfAnother(
  position: number,
  reader: ListOperation,
  writerAt: (position: number) => ListOperation | undefined,
): ListOperation | undefined {
  let at = position;
  while (writerAt(at) === reader) at += 1;
  return writerAt(at);
}
