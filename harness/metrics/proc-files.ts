import { readdirSync, readFileSync } from 'node:fs';

/** USER_HZ: the kernel shows CPU times to user space in these ticks on every architecture Node runs on. */
const TICKS_PER_SECOND = 100;

export interface ProcStat {
  readonly parent: number;
  /** User + system time so far. */
  readonly cpuMs: number;
  /** Ticks after boot; with the pid it names a process uniquely. */
  readonly startTicks: number;
}

export interface ProcMemory {
  /** Private pages. */
  readonly anonBytes: number;
  readonly fileBytes: number;
  readonly sharedBytes: number;
}

/** Reads a file of a process; null when the process is gone or not ours to read. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

export function readStat(pid: number): ProcStat | null {
  const text = read(`/proc/${pid}/stat`);
  return text === null ? null : parseStat(text);
}

/** proc(5): the command may hold spaces and brackets, so fields are counted from the last bracket (field 3, the state). */
export function parseStat(text: string): ProcStat | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [parent, user, system, startTicks] = [fields[1], fields[11], fields[12], fields[19]].map(Number);
  if (parent === undefined || user === undefined || system === undefined || startTicks === undefined || Number.isNaN(startTicks))
    return null;
  return { parent, cpuMs: ((user + system) * 1000) / TICKS_PER_SECOND, startTicks };
}

export function readMemory(pid: number): ProcMemory | null {
  const text = read(`/proc/${pid}/status`);
  return text === null ? null : parseMemory(text);
}

/** A zombie and a kernel thread have no memory: all zero. */
export function parseMemory(text: string): ProcMemory {
  return { anonBytes: field(text, '\nRssAnon:'), fileBytes: field(text, '\nRssFile:'), sharedBytes: field(text, '\nRssShmem:') };
}

/** The kilobytes after `name`, in bytes; 0 when the line is not there. */
function field(text: string, name: string): number {
  const at = text.indexOf(name);
  return at === -1 ? 0 : Number.parseInt(text.slice(at + name.length, text.indexOf('kB', at)), 10) * 1024;
}

/** Open file descriptors; null when the process is gone or belongs to another user. */
export function countFds(pid: number): number | null {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return null;
  }
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
