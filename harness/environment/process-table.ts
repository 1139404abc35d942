import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One live process. `startTime` is opaque: together with `pid` it names the process even after the number is reused. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** Session of the process on Linux; where that is not told (macOS), its process group. */
  readonly sessionId: number;
  readonly startTime: string;
  readonly name: string;
}

const HAS_PROC = process.platform === 'linux';
const PS_COLUMNS = 'pid=,ppid=,pgid=,stat=,lstart=,comm=';
const PS_LINE = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d+)\s+(.*)$/;

/** Every live process this user can see. Zombies are left out: they hold nothing and only wait for their parent. */
export function listProcesses(): ProcessInfo[] {
  if (!HAS_PROC) return psLines(['-axo', PS_COLUMNS]).flatMap((line) => parsePsLine(line) ?? []);
  const found: ProcessInfo[] = [];
  for (const entry of readdirSync('/proc')) {
    const info = /^\d+$/.test(entry) ? processInfo(Number(entry)) : null;
    if (info) found.push(info);
  }
  return found;
}

/** The process with this number, or null when there is none (any more) or it is a zombie. */
export function processInfo(pid: number): ProcessInfo | null {
  if (!HAS_PROC) {
    const [line] = psLines(['-p', String(pid), '-o', PS_COLUMNS]);
    return line === undefined ? null : parsePsLine(line);
  }
  const stat = readProc(pid, 'stat');
  return stat === null ? null : parseStat(stat);
}

export function isSameProcess(identity: { readonly pid: number; readonly startTime: string }): boolean {
  return processInfo(identity.pid)?.startTime === identity.startTime;
}

/** Whether the process was started with `entry` (`NAME=value`) in its environment; false where that cannot be read. */
export function wasStartedWith(pid: number, entry: string): boolean {
  const environ = HAS_PROC ? readProc(pid, 'environ') : null;
  return environ?.split('\0').includes(entry) ?? false;
}

/** null when it is gone, or cannot be read. */
export function workingDirectoryOf(pid: number): string | null {
  if (!HAS_PROC) return null;
  try {
    return readlinkSync(`/proc/${String(pid)}/cwd`);
  } catch {
    return null; // gone, another user's, or a kernel thread
  }
}

/** `roots` and everything below them in `table`. */
export function withDescendants(roots: readonly ProcessInfo[], table: readonly ProcessInfo[]): ProcessInfo[] {
  const tree = new Map(roots.map((root) => [root.pid, root]));
  for (let before = -1; before !== tree.size; ) {
    before = tree.size;
    for (const candidate of table) if (tree.has(candidate.parentPid)) tree.set(candidate.pid, candidate);
  }
  return [...tree.values()];
}

/** The process and its descendants, root first; empty when it is gone. */
export function processTree(pid: number): ProcessInfo[] {
  const table = listProcesses();
  return withDescendants(
    table.filter((candidate) => candidate.pid === pid),
    table,
  );
}

/** Sends a signal; false when the process is already gone or not ours to signal. A negative `pid` means its process group. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')) return false;
    throw error;
  }
}

/** Parses `/proc/<pid>/stat`; the name may hold spaces and parentheses. null for a zombie. */
export function parseStat(stat: string): ProcessInfo | null {
  const open = stat.indexOf('(');
  const close = stat.lastIndexOf(')');
  const [state, parentPid, , sessionId, ...rest] = stat.slice(close + 2).split(' ');
  const startTime = rest[15];
  if (state === undefined || startTime === undefined || state === 'Z' || state === 'X') return null;
  return {
    pid: Number(stat.slice(0, open)),
    parentPid: Number(parentPid),
    sessionId: Number(sessionId),
    startTime,
    name: stat.slice(open + 1, close),
  };
}

export function parsePsLine(line: string): ProcessInfo | null {
  const [, pid, parentPid, groupId, state, startTime, name] = PS_LINE.exec(line) ?? [];
  if (startTime === undefined || name === undefined || state?.startsWith('Z') === true) return null;
  return { pid: Number(pid), parentPid: Number(parentPid), sessionId: Number(groupId), startTime: startTime.replace(/\s+/g, ' '), name };
}

function psLines(args: string[]): string[] {
  try {
    return execFileSync('ps', args, { encoding: 'utf8', env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' }, stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\n')
      .filter((line) => line.trim() !== '');
  } catch {
    return []; // ps exits 1 when the process asked for is gone
  }
}

function readProc(pid: number, file: string): string | null {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, 'utf8');
  } catch {
    return null; // gone, or another user's
  }
}
