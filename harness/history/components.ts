import type { Graph } from './dependencies.ts';
import type { ListOperation } from './list-index.ts';

interface Frame {
  readonly node: ListOperation;
  /** Next edge to look at. */
  at: number;
}

/** Strongly connected components with more than one member: whatever is on a cycle is in one. Tarjan 1972, without recursion. */
export function cyclicComponents(graph: Graph): readonly ReadonlySet<ListOperation>[] {
  const search = new Search(graph);
  for (const node of graph.keys()) search.from(node);
  return search.components;
}

class Search {
  readonly components: ReadonlySet<ListOperation>[] = [];
  readonly #graph: Graph;
  readonly #index = new Map<ListOperation, number>();
  readonly #low = new Map<ListOperation, number>();
  readonly #stack: ListOperation[] = [];
  readonly #onStack = new Set<ListOperation>();

  constructor(graph: Graph) {
    this.#graph = graph;
  }

  from(root: ListOperation): void {
    if (this.#index.has(root)) return;
    const frames: Frame[] = [this.#open(root)];
    for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
      const edge = this.#graph.get(frame.node)?.[frame.at];
      frame.at += 1;
      if (edge === undefined) {
        frames.pop();
        this.#close(frame.node, frames.at(-1)?.node);
      } else if (!this.#index.has(edge.to)) {
        frames.push(this.#open(edge.to));
      } else if (this.#onStack.has(edge.to)) {
        this.#lower(frame.node, this.#index.get(edge.to) ?? 0);
      }
    }
  }

  #open(node: ListOperation): Frame {
    const index = this.#index.size;
    this.#index.set(node, index);
    this.#low.set(node, index);
    this.#stack.push(node);
    this.#onStack.add(node);
    return { node, at: 0 };
  }

  #close(node: ListOperation, parent: ListOperation | undefined): void {
    const low = this.#low.get(node) ?? 0;
    if (parent !== undefined) this.#lower(parent, low);
    if (low !== this.#index.get(node)) return;
    const members = new Set<ListOperation>();
    for (let member = this.#stack.pop(); member !== undefined; member = this.#stack.pop()) {
      this.#onStack.delete(member);
      members.add(member);
      if (member === node) break;
    }
    if (members.size > 1) this.components.push(members);
  }

  #lower(node: ListOperation, to: number): void {
    this.#low.set(node, Math.min(this.#low.get(node) ?? to, to));
  }
}
