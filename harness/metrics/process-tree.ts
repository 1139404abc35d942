import { listPids, readStat } from './proc-files.ts';

/**
 * Finds the descendants of processes. Reads the parent of a pid only once: with hundreds of processes on the machine
 * a sample then costs one directory listing.
 */
export class ProcessTree {
  #parents = new Map<number, number>();

  /** The living processes under `roots`, roots included, each with the root it belongs to. */
  members(roots: readonly number[]): ReadonlyMap<number, number> {
    this.#refresh();
    const rootOf = new Map<number, number>();
    for (const root of roots) if (this.#parents.has(root)) rootOf.set(root, root);
    for (let grown = true; grown; ) {
      grown = false;
      for (const [pid, parent] of this.#parents) {
        const root = rootOf.get(parent);
        if (root === undefined || rootOf.has(pid)) continue;
        rootOf.set(pid, root);
        grown = true;
      }
    }
    return rootOf;
  }

  /** A pid whose process was replaced between two samples by another one is not noticed: pids are handed out in turn. */
  #refresh(): void {
    const next = new Map<number, number>();
    for (const pid of listPids()) {
      const parent = this.#parents.get(pid) ?? readStat(pid)?.parent;
      if (parent !== undefined) next.set(pid, parent);
    }
    this.#parents = next;
  }
}
