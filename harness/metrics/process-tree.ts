import type { Kinship } from './kinship.ts';
import { lastPid, listPids, readStat, type ProcStat } from './proc-files.ts';
import { ProcessFiles } from './process-files.ts';

/** A process of a tree at one moment. */
export interface Member {
  readonly pid: number;
  /** The root it belongs to. */
  readonly root: number;
  /** It was started while the tree was watched: all its CPU belongs to the time since the sample before. */
  readonly isNewborn: boolean;
  readonly stat: ProcStat;
  /** The same object as long as it is the same process. */
  readonly files: Pick<ProcessFiles, 'memory' | 'fds'>;
}

interface Watched {
  readonly root: number;
  readonly isNewborn: boolean;
  readonly files: ProcessFiles;
}

/** With samples every 250 ms a new process is seen within a second. */
const LISTED_EVERY_MS = 750;

/**
 * The living processes under some roots. New ones are looked for every 750 ms at most, and only when the kernel has given out a pid since:
 * a sample then costs one read per process. A process that was found stays until it ends, also when its parent ends before it. One whose
 * parent had ended before it was seen belongs to the first root when it is kin. Close it.
 */
export class ProcessTree implements Disposable {
  readonly #watched = new Map<number, Watched>();
  readonly #kinship: Kinship | null;
  /** Parent of every process of the machine at the last listing; null: none yet. */
  #parents: ReadonlyMap<number, number> | null = null;
  #listedAtMs = Number.NEGATIVE_INFINITY;
  #lastPid: number | null = null;

  /** @param kinship null: only descendants belong to a root. */
  constructor(kinship: Kinship | null = null) {
    this.#kinship = kinship;
  }

  /** The members now, `roots` that live included. */
  members(roots: readonly number[], nowMs: number): readonly Member[] {
    this.#forgetAllBut(new Set(roots));
    const hasNewRoot = roots.some((root) => !this.#watched.has(root) && readStat(root) !== null);
    if (hasNewRoot || nowMs - this.#listedAtMs >= LISTED_EVERY_MS) this.#list(roots, { nowMs, always: hasNewRoot });
    const members: Member[] = [];
    for (const [pid, { root, isNewborn, files }] of this.#watched) {
      const stat = this.#watched.has(root) ? files.stat() : null;
      if (stat === null || (pid === root && stat.isZombie)) this.#forget(pid);
      else members.push({ pid, root, isNewborn, stat, files });
    }
    return members.filter(({ root }) => this.#watched.has(root));
  }

  [Symbol.dispose](): void {
    for (const pid of this.#watched.keys()) this.#forget(pid);
  }

  #forget(pid: number): void {
    this.#watched.get(pid)?.files[Symbol.dispose]();
    this.#watched.delete(pid);
  }

  #forgetAllBut(roots: ReadonlySet<number>): void {
    for (const [pid, { root }] of this.#watched) if (!roots.has(root)) this.#forget(pid);
  }

  #list(roots: readonly number[], { nowMs, always }: { readonly nowMs: number; readonly always: boolean }): void {
    this.#listedAtMs = nowMs;
    const last = lastPid();
    if (!always && last !== null && last === this.#lastPid) return;
    this.#lastPid = last;
    const before = this.#parents;
    const parents = parentsNow(before);
    this.#parents = parents;
    for (const root of roots) if (parents.has(root)) this.#watch(root, root, before);
    for (const pid of parents.keys()) this.#adopt(pid, before);
    if (this.#findKin(roots, before)) for (const pid of parents.keys()) this.#adopt(pid, before);
  }

  /** Every process is asked once, when it is new. */
  #findKin(roots: readonly number[], before: ReadonlyMap<number, number> | null): boolean {
    const [first] = roots;
    if (this.#kinship === null || first === undefined) return false;
    this.#kinship.learn(roots);
    const size = this.#watched.size;
    for (const pid of this.#parents?.keys() ?? []) {
      const isNew = before?.has(pid) !== true && !this.#watched.has(pid);
      if (isNew && this.#kinship.isKin(pid)) this.#watch(pid, first, before);
    }
    return this.#watched.size > size;
  }

  /** Belongs to the root of the nearest ancestor that belongs to one. */
  #adopt(pid: number, before: ReadonlyMap<number, number> | null): number | null {
    const known = this.#watched.get(pid);
    if (known !== undefined) return known.root;
    const parent = this.#parents?.get(pid);
    if (parent === undefined || parent === pid) return null;
    const root = this.#adopt(parent, before);
    if (root !== null) this.#watch(pid, root, before);
    return root;
  }

  #watch(pid: number, root: number, before: ReadonlyMap<number, number> | null): void {
    if (this.#watched.has(pid)) return;
    const files = ProcessFiles.open(pid);
    if (files !== null) this.#watched.set(pid, { root, isNewborn: before !== null && !before.has(pid), files });
  }
}

/** A parent that is known is not asked for again. */
function parentsNow(before: ReadonlyMap<number, number> | null): ReadonlyMap<number, number> {
  const parents = new Map<number, number>();
  for (const pid of listPids()) {
    const parent = before?.get(pid) ?? readStat(pid)?.parent;
    if (parent !== undefined) parents.set(pid, parent);
  }
  return parents;
}
