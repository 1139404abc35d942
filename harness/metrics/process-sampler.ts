import { monotonicMs } from '../model/clock.ts';
import { CpuAccount } from './cpu-account.ts';
import type { ProcMemory } from './proc-files.ts';
import { ProcessTree, type Member } from './process-tree.ts';
import type { Sampler } from './sampling-loop.ts';
import { startSampling } from './sampling-loop.ts';

export interface ProcessSample {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly processes: number;
  /** Cores in use since the sample before (1 = one core busy all the time); null in the first sample and after a gap. */
  readonly cores: number | null;
  /**
   * Private memory of all processes, plus per tree the largest file-backed and shared part (pages shared by siblings count once); null in a
   * gap. Read once a second, and when a process has come: in between it is the value read last. So are `fds`.
   */
  readonly rssBytes: number | null;
  /** null when a process of the tree belongs to another user, and in a gap. */
  readonly fds: number | null;
}

export interface ProcessSamplerOptions {
  /** Root processes now: they change when a service is restarted. None alive is a gap. */
  readonly pids: () => readonly number[];
  readonly intervalMs: number;
}

type Holdings = Pick<ProcessSample, 'rssBytes' | 'fds'>;

const HOLDINGS_EVERY_MS = 1000;

/**
 * Samples the process trees under `pids` from /proc; a new child is seen within a second. On systems without /proc every sample is a gap.
 */
export function processSampler(options: ProcessSamplerOptions): Sampler<ProcessSample> {
  const tree = new ProcessTree();
  const account = new CpuAccount();
  const holdings = new HoldingsReader();
  let previousMs = 0;

  function take(): ProcessSample {
    const atMs = monotonicMs();
    const members = tree.members(options.pids(), atMs);
    const living = members.filter(({ stat }) => !stat.isZombie);
    if (living.length === 0) {
      account.reset();
      return { atMs, processes: 0, cores: null, rssBytes: null, fds: null };
    }
    const usedMs = account.used(members);
    const cores = usedMs === null ? null : usedMs / Math.max(1, atMs - previousMs);
    previousMs = atMs;
    return { atMs, processes: living.length, cores, ...holdings.of(living, atMs) };
  }

  return startSampling({ intervalMs: options.intervalMs, take, close: async () => tree[Symbol.dispose]() });
}

/** Memory and descriptors cost more to read than CPU time, and change more slowly. */
class HoldingsReader {
  #last: Holdings = { rssBytes: null, fds: null };
  #readAtMs = Number.NEGATIVE_INFINITY;
  #seen: ReadonlySet<number> = new Set();

  of(members: readonly Member[], nowMs: number): Holdings {
    const isComplete = members.every(({ pid }) => this.#seen.has(pid));
    if (isComplete && nowMs - this.#readAtMs < HOLDINGS_EVERY_MS) return this.#last;
    this.#seen = new Set(members.map(({ pid }) => pid));
    this.#readAtMs = nowMs;
    this.#last = { rssBytes: residentBytes(members), fds: totalFds(members) };
    return this.#last;
  }
}

function residentBytes(members: readonly Member[]): number {
  const byRoot = new Map<number, ProcMemory>();
  for (const { root, files } of members) {
    const memory = files.memory();
    if (memory === null) continue;
    const sum = byRoot.get(root) ?? { anonBytes: 0, sharedBytes: 0 };
    byRoot.set(root, { anonBytes: sum.anonBytes + memory.anonBytes, sharedBytes: Math.max(sum.sharedBytes, memory.sharedBytes) });
  }
  return [...byRoot.values()].reduce((sum, memory) => sum + memory.anonBytes + memory.sharedBytes, 0);
}

function totalFds(members: readonly Member[]): number | null {
  const counts = members.map(({ files }) => files.fds());
  return counts.reduce<number | null>((sum, count) => (sum === null || count === null ? null : sum + count), 0);
}
