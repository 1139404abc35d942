import { cpus } from 'node:os';
import { monotonicMs } from '../model/clock.ts';
import { CpuAccount } from './cpu-account.ts';
import { Kinship } from './kinship.ts';
import { numbersAfter, ProcFile, TICK_MS } from './proc-files.ts';
import { ProcessTree } from './process-tree.ts';

/** Processor time in core milliseconds: two busy cores use 2000 a second. */
export interface MachineTimes {
  /** What the processors had. */
  readonly availableMs: number;
  /** By processes, and by other guests of the hypervisor (steal). Interrupts, which are nobody's, are not in it. */
  readonly usedMs: number;
  /** Nobody had anything to do, or waited for a disk. */
  readonly idleMs: number;
}

/** The whole machine over the time since the reading before; all zero in the first one. */
export interface MachineReading extends MachineTimes {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
}

/** Reads what the machine does, and what some process trees have of it. Close it. */
export class MachineReader implements Disposable {
  readonly cores = cpus().length;
  readonly #stat: ProcFile;
  readonly #trees: ProcessTree;
  readonly #account = new CpuAccount();
  #before: MachineTimes | null = null;

  private constructor(stat: ProcFile, kinship: Kinship | null) {
    this.#stat = stat;
    this.#trees = new ProcessTree(kinship);
  }

  /**
   * null on systems without /proc.
   * @param marker Variable by whose value daemons belong to the tree whose root has the same; see `Kinship`.
   */
  static open(marker: string | null = null): MachineReader | null {
    const stat = ProcFile.open('/proc/stat');
    return stat === null ? null : new MachineReader(stat, marker === null ? null : new Kinship(marker));
  }

  read(): MachineReading {
    const atMs = monotonicMs();
    const now = timesOf(this.#stat.read() ?? Buffer.alloc(0));
    const before = this.#before ?? now;
    this.#before = now;
    // The kernel's counters of idle and waiting may go back a little.
    const grown = (key: keyof MachineTimes): number => Math.max(0, now[key] - before[key]);
    return { atMs, availableMs: grown('availableMs'), usedMs: grown('usedMs'), idleMs: grown('idleMs') };
  }

  /** CPU milliseconds of the process trees under `roots` since the call before; 0 in the first one. One read per process. */
  usedBy(roots: readonly number[]): number {
    return this.#account.used(this.#trees.members(roots, monotonicMs())) ?? 0;
  }

  [Symbol.dispose](): void {
    this.#stat[Symbol.dispose]();
    this.#trees[Symbol.dispose]();
  }
}

/** proc(5), /proc/stat: `cpu  user nice system idle iowait irq softirq steal …`; guests are in `user` already. */
export function timesOf(stat: Buffer): MachineTimes {
  const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, steal = 0] = numbersAfter(stat, 'cpu  '.length, 8);
  return {
    availableMs: (user + nice + system + idle + iowait + irq + softirq + steal) * TICK_MS,
    usedMs: (user + nice + system + steal) * TICK_MS,
    idleMs: (idle + iowait) * TICK_MS,
  };
}
