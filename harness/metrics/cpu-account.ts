import type { ProcStat } from './proc-files.ts';
import type { Member } from './process-tree.ts';

/**
 * CPU time that a tree used between two of its samples. What a process used after its last sample is not lost: it is in what its parent
 * has waited for. What it had used before is in there too, and was counted already: it is taken off again.
 */
export class CpuAccount {
  #before: ReadonlyMap<object, ProcStat> | null = null;
  /** Counted of processes that have ended, and not yet seen in what their parents waited for. A root's never is: it lapses after two samples. */
  #owed: readonly number[] = [];

  /** Milliseconds since the call before; null in the first one. */
  used(members: readonly Member[]): number | null {
    const before = this.#before;
    const now = new Map<object, ProcStat>();
    let own = 0;
    let reaped = 0;
    for (const { files, stat, isNewborn } of members) {
      now.set(files, stat);
      const then = before?.get(files) ?? (isNewborn ? NOTHING : stat);
      own += Math.max(0, stat.cpuMs - then.cpuMs);
      reaped += Math.max(0, stat.reapedMs - then.reapedMs);
    }
    this.#before = now;
    return before === null ? null : own + this.#settle(reaped, endedMs(before, now));
  }

  /** Forgets everything: the next call is a first one. */
  reset(): void {
    this.#before = null;
    this.#owed = [];
  }

  #settle(reaped: number, ended: number): number {
    let left = reaped;
    const owed = [...this.#owed, ended].map((debt) => {
      const paid = Math.min(debt, left);
      left -= paid;
      return debt - paid;
    });
    this.#owed = owed.slice(-2);
    return left;
  }
}

const NOTHING = { cpuMs: 0, reapedMs: 0 };

/** An ended process takes along what it waited for itself. */
function endedMs(before: ReadonlyMap<object, ProcStat>, now: ReadonlyMap<object, ProcStat>): number {
  let sum = 0;
  for (const [files, stat] of before) if (!now.has(files)) sum += stat.cpuMs + stat.reapedMs;
  return sum;
}
