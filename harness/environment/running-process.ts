import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { monotonicMs } from '../model/clock.ts';
import type { ExitStatus } from './errors.ts';
import type { Ledger } from './ledger.ts';
import type { LogFile } from './log-file.ts';
import { isSameProcess, listProcesses, type ProcessInfo, sendSignal, withDescendants } from './process-table.ts';
import type { Launch, Manners } from './service-plan.ts';

const LOOK_INTERVAL_MS = 10;

/** A service's process and everything it has started, in a session of its own. */
export interface RunningProcess {
  readonly pid: number;
  readonly startedMs: number;
  /** Resolves when the root process has ended. */
  readonly exited: Promise<ExitStatus>;
  /** Set before it is ended on purpose: then its exit is nobody's news. */
  expected: boolean;
}

/** Starts the program; resolves with the reason, a full sentence, when the system refuses. */
export async function startProcess(
  launch: Launch,
  options: { readonly service: string; readonly endSignal: NodeJS.Signals; readonly ledger: Ledger; readonly log: LogFile },
): Promise<RunningProcess | string> {
  const { file, args, ...spawnOptions } = launch;
  if (!existsSync(launch.cwd)) return `Its working directory ${launch.cwd} does not exist.`;
  const startedMs = monotonicMs();
  const child = options.log.withDescriptor((fd) => spawn(file, args, { ...spawnOptions, detached: true, stdio: ['ignore', fd, fd] }));
  // In the same tick: until this row is written only the marker in its environment tells whose it is.
  if (child.pid !== undefined) options.ledger.addProcess({ pid: child.pid, service: options.service, endSignal: options.endSignal });
  const refused = await refusal(child);
  if (child.pid === undefined || refused !== null) return describeRefusal(file, refused);
  return { pid: child.pid, startedMs, exited: exitOf(child), expected: false };
}

/** Shuts the service down as its manners say, SIGKILL last, and waits until nothing of it is left. */
export async function shutDown(
  running: RunningProcess,
  { shutdown, wholeGroup }: Pick<Manners, 'shutdown' | 'wholeGroup'>,
): Promise<ExitStatus> {
  running.expected = true;
  const members = membersOf(running.pid);
  sendSignal(-running.pid, 'SIGCONT');
  for (const { signal, withinMs } of shutdown) {
    sendSignal(wholeGroup ? -running.pid : running.pid, signal);
    const exit = await within(running.exited, withinMs);
    if (exit === null) continue;
    await endRest(running.pid, members);
    return exit;
  }
  return await killAll(running, members);
}

/** SIGKILL to the whole tree; resolves when nothing of it is left. */
export async function killAll(running: RunningProcess, known: readonly ProcessInfo[] = []): Promise<ExitStatus> {
  running.expected = true;
  const members = [...known, ...membersOf(running.pid)];
  sendSignal(running.pid, 'SIGKILL');
  for (const member of members) if (isSameProcess(member)) sendSignal(member.pid, 'SIGKILL');
  const exit = await running.exited;
  await endRest(running.pid, members);
  return exit;
}

/** The process, its session and all their descendants. */
function membersOf(pid: number): ProcessInfo[] {
  const table = listProcesses();
  return withDescendants(
    table.filter((info) => info.pid === pid || info.sessionId === pid),
    table,
  );
}

/** Kills what outlives the root process, until nothing is left. */
async function endRest(pid: number, members: readonly ProcessInfo[]): Promise<void> {
  for (;;) {
    const table = listProcesses();
    const rest = table.filter(
      (info) => info.sessionId === pid || members.some((member) => member.pid === info.pid && member.startTime === info.startTime),
    );
    if (rest.length === 0) return;
    for (const info of withDescendants(rest, table)) sendSignal(info.pid, 'SIGKILL');
    await delay(LOOK_INTERVAL_MS);
  }
}

/** null when `limitMs` passed first. */
async function within<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  const stop = new AbortController();
  const late = delay(limitMs, null, { signal: stop.signal }).catch(() => null);
  try {
    return await Promise.race([promise, late]);
  } finally {
    stop.abort();
  }
}

export function describeExit({ code, signal }: ExitStatus): string {
  return signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`;
}

function exitOf(child: ChildProcess): Promise<ExitStatus> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve({ code: child.exitCode, signal: child.signalCode });
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function refusal(child: ChildProcess): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    child.once('spawn', () => {
      resolve(null);
    });
    child.once('error', resolve);
  });
}

function describeRefusal(file: string, error: NodeJS.ErrnoException | null): string {
  if (error?.code === 'ENOENT') return `Its command "${file}" was not found: neither a file nor a program on PATH.`;
  if (error?.code === 'EACCES') return `Its command "${file}" may not be executed (EACCES).`;
  return `Its command "${file}" could not be started: ${error?.message ?? 'no process was made'}.`;
}
