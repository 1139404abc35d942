import { readFileSync } from 'node:fs';
import type Docker from 'dockerode';
import { monotonicMs } from '../../model/clock.ts';
import type { ResourceReading } from '../../model/environment.ts';

const MIB = 1024 * 1024;
const SIGNAL_BASE = 128;
const SIGNALS: Readonly<Record<number, string>> = { 6: 'SIGABRT', 9: 'SIGKILL', 11: 'SIGSEGV', 15: 'SIGTERM' };

/** How a container ended. */
export interface ContainerExit {
  readonly code: number | null;
  readonly signal: string | null;
  /** Clause that follows the service's name: `was killed for lack of memory (limit 64 MiB)`. null: nothing beyond code and signal is known. */
  readonly cause: string | null;
}

export function exitOf({ State, HostConfig }: Docker.ContainerInspectInfo): ContainerExit {
  const { signal } = fromShellCode(State.ExitCode);
  if (State.OOMKilled) {
    const limit = (HostConfig.Memory ?? 0) > 0 ? ` (limit ${String(Math.round((HostConfig.Memory ?? 0) / MIB))} MiB)` : '';
    return { code: State.ExitCode, signal, cause: `was killed for lack of memory${limit}` };
  }
  return { ...fromShellCode(State.ExitCode), cause: null };
}

/** An init process reports its child's end by a signal as 128 + number. */
function fromShellCode(code: number): { readonly code: number | null; readonly signal: string | null } {
  const signal = SIGNALS[code - SIGNAL_BASE];
  return signal === undefined ? { code, signal: null } : { code: null, signal };
}

/** "exited with code 1", "was ended by SIGKILL", "was killed for lack of memory (limit 64 MiB)". */
export function describeEnd({ code, signal, cause }: ContainerExit): string {
  if (cause !== null) return cause;
  return signal === null ? `exited with code ${String(code)}` : `was ended by ${signal}`;
}

/** The container's root process as this host sees it; null when the engine runs elsewhere and the number means another process here. */
export function visiblePid(container: string, pid: number): number | null {
  if (pid <= 0) return null;
  try {
    return readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8').includes(container) ? pid : null;
  } catch {
    return null; // gone, or no /proc
  }
}

/** Page cache is left out; shared memory, which counts as cache, is not: Postgres' buffers are there. */
export function readingOf(stats: Docker.ContainerStats, limited: boolean): ResourceReading {
  const memory = stats.memory_stats;
  const details: Readonly<Record<string, number | undefined>> = { ...memory.stats };
  const files = (name: string): number => details[`total_${name}`] ?? details[name] ?? 0;
  return {
    atMs: monotonicMs(),
    cpuMs: stats.cpu_stats.cpu_usage.total_usage / 1e6,
    memoryBytes: Math.max(0, (memory.usage ?? 0) - files('inactive_file') - files('active_file')),
    memoryLimitBytes: limited ? memory.limit : null,
    processes: stats.pids_stats?.current ?? 0,
  };
}

export function shortId(container: string): string {
  return container.slice(0, 12);
}
