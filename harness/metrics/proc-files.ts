import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/** USER_HZ: the kernel shows CPU times to user space in these ticks on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;
export const TICK_MS = 1000 / TICKS_PER_SECOND;

export interface ProcStat {
  readonly parent: number;
  readonly session: number;
  /** User + system time so far. */
  readonly cpuMs: number;
  /** User + system time of all descendants that have ended and were waited for. */
  readonly reapedMs: number;
  /** Ticks after boot; with the pid it names a process uniquely. */
  readonly startTicks: number;
  /** Ended, and not yet waited for: it has no memory and no descriptors. */
  readonly isZombie: boolean;
}

export interface ProcMemory {
  /** Private pages. */
  readonly anonBytes: number;
  /** File-backed and shared pages: other processes may have the same ones. */
  readonly sharedBytes: number;
}

const BUFFER = Buffer.alloc(64 * 1024);
const CLOSING_BRACKET = 0x29;
const SPACE = 0x20;
const ZERO = 0x30;
const LETTER_Z = 0x5a;

/**
 * A file of /proc that is read again and again: opening it costs more than reading it. One of a process stays with that process: when
 * its pid goes to another one, reading fails. Close it.
 */
export class ProcFile implements Disposable {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** null when there is no such file: the process is gone, or this system has no /proc. */
  static open(path: string): ProcFile | null {
    try {
      return new ProcFile(openSync(path, 'r'));
    } catch (error) {
      if (isOwnLimit(error)) throw error;
      return null;
    }
  }

  /** The first 64 KB, valid until the next call of any `ProcFile`; null when the process is gone. */
  read(): Buffer | null {
    try {
      return BUFFER.subarray(0, readSync(this.#fd, BUFFER, 0, BUFFER.length, 0));
    } catch {
      return null;
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** Too many open files: ours to solve, and no sign that a process is gone. */
function isOwnLimit(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EMFILE' || code === 'ENFILE';
}

function read(path: string): Buffer | null {
  using file = ProcFile.open(path);
  return file?.read() ?? null;
}

export function readStat(pid: number): ProcStat | null {
  const bytes = read(`/proc/${pid}/stat`);
  return bytes === null ? null : parseStat(bytes);
}

/** `NAME=value` as the process was started with; empty when it is gone or belongs to another user. */
export function environmentOf(pid: number): readonly string[] {
  return read(`/proc/${pid}/environ`)?.toString('latin1').split('\0') ?? [];
}

/** proc(5): the command may hold spaces and brackets, so fields are counted from the last bracket (field 3, the state). */
export function parseStat(bytes: Buffer): ProcStat | null {
  const bracket = bytes.lastIndexOf(CLOSING_BRACKET);
  if (bracket === -1) return null;
  const fields = numbersAfter(bytes, bracket + 2, 20);
  const [parent, session, startTicks] = [fields[1], fields[3], fields[19]];
  const [user, system, reapedUser, reapedSystem] = [fields[11], fields[12], fields[13], fields[14]];
  if (parent === undefined || user === undefined || system === undefined || startTicks === undefined) return null;
  return {
    parent,
    session: session ?? 0,
    cpuMs: (user + system) * TICK_MS,
    reapedMs: ((reapedUser ?? 0) + (reapedSystem ?? 0)) * TICK_MS,
    startTicks,
    isZombie: bytes[bracket + 2] === LETTER_Z,
  };
}

/** The first `count` fields as whole numbers without their sign; what is not a number is some number. Without text in between. */
export function numbersAfter(bytes: Buffer, from: number, count: number): readonly number[] {
  const numbers: number[] = [];
  let value = 0;
  for (let at = from; at < bytes.length && numbers.length < count; at += 1) {
    const byte = bytes[at] ?? SPACE;
    if (byte > SPACE) {
      value = value * 10 + (byte - ZERO);
      continue;
    }
    numbers.push(value);
    value = 0;
  }
  return numbers;
}

/** /proc/<pid>/statm, in pages. A zombie and a kernel thread have no memory: all zero. */
export function parseStatm(bytes: Buffer, pageBytes: number): ProcMemory {
  const [, resident = 0, shared = 0] = numbersAfter(bytes, 0, 3);
  return { anonBytes: Math.max(0, resident - shared) * pageBytes, sharedBytes: shared * pageBytes };
}

/** All processes; empty where there is no /proc. */
export function listPids(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

/**
 * The pid (or thread id) that was given last: as long as it stays, no process was started (proc(5), /proc/loadavg). null: unknown.
 */
export function lastPid(): number | null {
  const text = read('/proc/loadavg')?.toString('latin1');
  return text === undefined ? null : Number(text.trim().split(' ').at(-1));
}
