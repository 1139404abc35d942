import type { AnomalyName, Findings } from './anomaly.ts';
import { named } from './anomaly.ts';
import { cyclicComponents } from './components.ts';
import type { Dependency, DependencyKind, Graph } from './dependencies.ts';
import { dependenciesOf } from './dependencies.ts';
import type { ListKey, ListOperation } from './list-index.ts';

/** Edges of one component that a cycle is looked for from: enough for a witness, and keeps the whole linear. */
const TRIED_EDGES = 50;

/** Transactions of several parts that no order, one after the other, explains. */
export function checkTransactions(keys: readonly ListKey[], findings: Findings): void {
  const lost = new Set<ListOperation>();
  for (const entry of keys) checkReadThenAppend(entry, lost, findings);
  const graph = dependenciesOf(keys);
  for (const component of cyclicComponents(graph)) {
    const cycle = worstCycle(graph, component);
    if (cycle === null || cycle.dependencies.some(({ from }) => lost.has(from))) continue;
    findings.add(
      cycle.name,
      cycle.dependencies.map(({ from }) => from),
      () => cycle.dependencies.map(clause).join('; '),
    );
  }
}

/** It read a list, others appended, and then it appended as if they had not. */
function checkReadThenAppend({ key, reads, order, writers, positions }: ListKey, lost: Set<ListOperation>, findings: Findings): void {
  for (const { operation, values } of reads) {
    for (const part of operation.action.parts) {
      if (part.kind !== 'append' || part.key !== key || writers.get(part.value) !== operation) continue;
      const between = writerBetween(order, writers, { from: values.length, to: positions.get(part.value) ?? 0, own: operation });
      if (between === null || lost.has(operation)) continue;
      lost.add(operation);
      findings.add(
        'lost update',
        [operation, between],
        () => `${named(operation)} read ${key} and appended ${part.value} to it, but ${named(between)} had appended in between`,
      );
    }
  }
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly own: ListOperation;
}

function writerBetween(order: ListKey['order'], writers: ListKey['writers'], { from, to, own }: Stretch): ListOperation | null {
  for (let position = from; position < to; position += 1) {
    const value = order[position];
    const writer = value === undefined ? undefined : writers.get(value);
    if (writer !== undefined && writer !== own) return writer;
  }
  return null;
}

interface Cycle {
  readonly name: AnomalyName;
  readonly dependencies: readonly Dependency[];
}

/** Kinds a cycle may go through besides its first edge, from the worst anomaly to the mildest (Adya's G0, G1c, G-single, G2). */
const SEARCHES: readonly { readonly name: AnomalyName; readonly first: DependencyKind; readonly through: readonly DependencyKind[] }[] = [
  { name: 'dirty cycle', first: 'ww', through: ['ww'] },
  { name: 'dirty cycle', first: 'wr', through: ['ww', 'wr'] },
  { name: 'read skew', first: 'rw', through: ['ww', 'wr'] },
  { name: 'write skew', first: 'rw', through: ['ww', 'wr', 'rw'] },
];

function worstCycle(graph: Graph, component: ReadonlySet<ListOperation>): Cycle | null {
  const within = [...component].flatMap((node) => (graph.get(node) ?? []).filter(({ to }) => component.has(to)));
  for (const { name, first, through } of SEARCHES) {
    for (const edge of within.filter(({ kind }) => kind === first).slice(0, TRIED_EDGES)) {
      const back = shortestPath(graph, { edge, component, through });
      if (back !== null) return { name, dependencies: [edge, ...back] };
    }
  }
  return null;
}

interface PathSearch {
  /** The path leads from its end back to its beginning. */
  readonly edge: Dependency;
  readonly component: ReadonlySet<ListOperation>;
  readonly through: readonly DependencyKind[];
}

function shortestPath(graph: Graph, { edge, component, through }: PathSearch): readonly Dependency[] | null {
  const cameBy = new Map<ListOperation, Dependency | null>([[edge.to, null]]);
  const queue = [edge.to];
  for (let at = 0; at < queue.length; at += 1) {
    const node = queue[at];
    if (node === undefined || node === edge.from) break;
    for (const next of graph.get(node) ?? []) {
      if (cameBy.has(next.to) || !component.has(next.to) || !through.includes(next.kind)) continue;
      cameBy.set(next.to, next);
      queue.push(next.to);
    }
  }
  if (!cameBy.has(edge.from)) return null;
  const path: Dependency[] = [];
  for (let by = cameBy.get(edge.from); by !== null && by !== undefined; by = cameBy.get(by.from)) path.unshift(by);
  return path;
}

const CLAUSES: Readonly<Record<DependencyKind, string>> = {
  ww: 'appended before',
  wr: 'was read by',
  rw: 'did not yet see what was appended by',
};

function clause({ from, to, kind, key }: Dependency): string {
  return `in ${key} ${named(from)} ${CLAUSES[kind]} ${named(to)}`;
}
