import { closeSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { parseStat, parseStatm, ProcFile, type ProcMemory, type ProcStat } from './proc-files.ts';

/** The files of one process, kept open: what they say is always of that process, never of a later one with its pid. Close it. */
export class ProcessFiles implements Disposable {
  readonly #pid: number;
  readonly #stat: ProcFile;
  #statm: ProcFile | null = null;
  /** Of the folder of its descriptors. */
  #fds: number | null = null;

  private constructor(pid: number, stat: ProcFile) {
    this.#pid = pid;
    this.#stat = stat;
  }

  /** null when there is no such process. */
  static open(pid: number): ProcessFiles | null {
    const stat = ProcFile.open(`/proc/${pid}/stat`);
    return stat === null ? null : new ProcessFiles(pid, stat);
  }

  /** null when it has ended and was waited for. */
  stat(): ProcStat | null {
    const bytes = this.#stat.read();
    return bytes === null ? null : parseStat(bytes);
  }

  memory(): ProcMemory | null {
    this.#statm ??= ProcFile.open(`/proc/${this.#pid}/statm`);
    const bytes = this.#statm?.read() ?? null;
    return bytes === null ? null : parseStatm(bytes, PAGE_BYTES);
  }

  /** Open file descriptors; null when it is gone or belongs to another user. */
  fds(): number | null {
    const folder = `/proc/${this.#pid}/fd`;
    try {
      this.#fds ??= openSync(folder, 'r');
      // The size of the folder is their number since Linux 6.2, and 0 before.
      return fstatSync(this.#fds).size || readdirSync(folder).length;
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    this.#stat[Symbol.dispose]();
    this.#statm?.[Symbol.dispose]();
    if (this.#fds !== null) closeSync(this.#fds);
  }
}

/** AT_PAGESZ of getauxval(3). */
const PAGE_SIZE_KEY = 6n;
const PAGE_BYTES = pageBytes();

function pageBytes(): number {
  try {
    const vector = readFileSync('/proc/self/auxv');
    for (let at = 0; at + 16 <= vector.length; at += 16)
      if (vector.readBigUInt64LE(at) === PAGE_SIZE_KEY) return Number(vector.readBigUInt64LE(at + 8));
  } catch {
    // No /proc: nothing is counted in pages either.
  }
  return 4096;
}
