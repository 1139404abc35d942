import { monotonicMs } from '../model/clock.ts';
import type { ProcMemory } from './proc-files.ts';
import { countFds, readMemory, readStat } from './proc-files.ts';
import { ProcessTree } from './process-tree.ts';
import type { Sampler } from './sampling-loop.ts';
import { startSampling } from './sampling-loop.ts';

export interface ProcessSample {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly processes: number;
  /** Cores in use since the sample before (1 = one core busy all the time); null in the first sample and after a gap. */
  readonly cores: number | null;
  /** Private memory of all processes, plus per tree the largest file-backed and shared mapping (pages shared by siblings count once); null in a gap. */
  readonly rssBytes: number | null;
  /** null when a process of the tree belongs to another user, and in a gap. */
  readonly fds: number | null;
}

export interface ProcessSamplerOptions {
  /** Root processes now: they change when a service is restarted. None alive is a gap. */
  readonly pids: () => readonly number[];
  readonly intervalMs: number;
}

/** CPU per process identity at the sample before. */
interface Previous {
  readonly atMs: number;
  readonly cpuMs: ReadonlyMap<string, number>;
}

/** Samples the process trees under `pids` from /proc. On systems without /proc every sample is a gap. */
export function processSampler(options: ProcessSamplerOptions): Sampler<ProcessSample> {
  const tree = new ProcessTree();
  let previous: Previous | null = null;

  function take(): ProcessSample {
    const atMs = monotonicMs();
    const members = tree.members(options.pids());
    if (members.size === 0) {
      previous = null;
      return { atMs, processes: 0, cores: null, rssBytes: null, fds: null };
    }
    const now: Previous = { atMs, cpuMs: cpuByIdentity([...members.keys()]) };
    const cores = previous === null ? null : coresBetween(previous, now);
    previous = now;
    return { atMs, processes: members.size, cores, rssBytes: residentBytes(members), fds: totalFds([...members.keys()]) };
  }

  return startSampling({ intervalMs: options.intervalMs, take });
}

function cpuByIdentity(pids: readonly number[]): Map<string, number> {
  const byIdentity = new Map<string, number>();
  for (const pid of pids) {
    const stat = readStat(pid);
    if (stat !== null) byIdentity.set(`${pid}:${stat.startTicks}`, stat.cpuMs);
  }
  return byIdentity;
}

/** A process that came counts with all its CPU; what one used between its last sample and its end is lost. */
function coresBetween(before: Previous, now: Previous): number {
  let usedMs = 0;
  for (const [identity, cpuMs] of now.cpuMs) usedMs += cpuMs - (before.cpuMs.get(identity) ?? 0);
  return usedMs / Math.max(1, now.atMs - before.atMs);
}

function residentBytes(members: ReadonlyMap<number, number>): number {
  const byRoot = new Map<number, ProcMemory>();
  for (const [pid, root] of members) {
    const memory = readMemory(pid);
    if (memory === null) continue;
    const sum = byRoot.get(root) ?? { anonBytes: 0, fileBytes: 0, sharedBytes: 0 };
    byRoot.set(root, {
      anonBytes: sum.anonBytes + memory.anonBytes,
      fileBytes: Math.max(sum.fileBytes, memory.fileBytes),
      sharedBytes: Math.max(sum.sharedBytes, memory.sharedBytes),
    });
  }
  return [...byRoot.values()].reduce((sum, memory) => sum + memory.anonBytes + memory.fileBytes + memory.sharedBytes, 0);
}

function totalFds(pids: readonly number[]): number | null {
  const counts = pids.map(countFds);
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}
