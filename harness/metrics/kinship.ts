import { environmentOf, readStat } from './proc-files.ts';

/**
 * What still tells whose a process is when its parent has ended (a daemon that forked twice): the session of a service, or what the run
 * writes into the environment of everything it starts. This process gives no sign: it may be in the session of somebody's terminal.
 */
export class Kinship {
  readonly #marker: string;
  readonly #ofRoots = new Map<number, { readonly isLeader: boolean; readonly mark: string | null }>();

  /** @param marker Name of the variable that is in the environment of all that a run starts. */
  constructor(marker: string) {
    this.#marker = marker;
  }

  /** From now on those under `roots` are kin, and nobody else. */
  learn(roots: readonly number[]): void {
    for (const known of this.#ofRoots.keys()) if (!roots.includes(known)) this.#ofRoots.delete(known);
    for (const root of roots) {
      if (root === process.pid || this.#ofRoots.has(root)) continue;
      this.#ofRoots.set(root, { isLeader: readStat(root)?.session === root, mark: this.#markOf(root) });
    }
  }

  /** Two reads. */
  isKin(pid: number): boolean {
    if (this.#ofRoots.size === 0) return false;
    const session = readStat(pid)?.session;
    if (session !== undefined && this.#ofRoots.get(session)?.isLeader === true) return true;
    const mark = this.#markOf(pid);
    return mark !== null && [...this.#ofRoots.values()].some((root) => root.mark === mark);
  }

  #markOf(pid: number): string | null {
    return environmentOf(pid).find((entry) => entry.startsWith(`${this.#marker}=`)) ?? null;
  }
}
