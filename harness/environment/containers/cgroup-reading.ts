import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monotonicMs } from '../../model/clock.ts';
import type { ResourceReading } from '../../model/environment.ts';

const ROOT = '/sys/fs/cgroup';
/** What cgroup v1 reports where there is no limit: the largest number of pages, in bytes. */
const UNLIMITED_BYTES = 2 ** 60;

/**
 * What the kernel says the cgroup of `pid` uses: at once, while the engine's own numbers are up to a second late. null where it cannot be
 * read: the engine runs elsewhere, or on a system without cgroups.
 */
export function cgroupReading(pid: number, root = ROOT): ResourceReading | null {
  try {
    const groups = readFileSync(`/proc/${String(pid)}/cgroup`, 'utf8');
    // Where both versions are mounted, the controllers are in the first.
    if (pathOf(groups, 'memory') !== null) return fromV1(root, groups);
    const unified = pathOf(groups, '');
    return unified === null ? null : fromV2(join(root, unified));
  } catch {
    return null; // it has just ended, or the files are elsewhere
  }
}

/** Path of the cgroup a controller has for a process, from its `/proc/<pid>/cgroup`; the empty name is that of version 2. */
export function pathOf(groups: string, controller: string): string | null {
  for (const line of groups.split('\n')) {
    const [, names, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (names?.split(',').includes(controller) === true && path !== undefined) return path;
  }
  return null;
}

function fromV1(root: string, groups: string): ResourceReading {
  const folder = (controller: string): string => join(root, controller, pathOf(groups, controller) ?? '');
  const memory = folder('memory');
  const limit = numberIn(join(memory, 'memory.limit_in_bytes'));
  const fields = fieldsIn(join(memory, 'memory.stat'));
  return {
    atMs: monotonicMs(),
    cpuMs: numberIn(join(folder('cpuacct'), 'cpuacct.usage')) / 1e6,
    memoryBytes: withoutFiles(numberIn(join(memory, 'memory.usage_in_bytes')), fields, 'total_'),
    memoryLimitBytes: limit < UNLIMITED_BYTES ? limit : null,
    processes: numberIn(join(folder('pids'), 'pids.current')),
  };
}

function fromV2(folder: string): ResourceReading {
  const limit = textIn(join(folder, 'memory.max'));
  return {
    atMs: monotonicMs(),
    cpuMs: (fieldsIn(join(folder, 'cpu.stat')).get('usage_usec') ?? 0) / 1e3,
    memoryBytes: withoutFiles(numberIn(join(folder, 'memory.current')), fieldsIn(join(folder, 'memory.stat')), ''),
    memoryLimitBytes: limit === 'max' ? null : Number(limit),
    processes: numberIn(join(folder, 'pids.current')),
  };
}

/** Page cache is left out; shared memory, which counts as cache, is not: Postgres' buffers are there. */
function withoutFiles(usage: number, fields: ReadonlyMap<string, number>, prefix: string): number {
  return Math.max(0, usage - (fields.get(`${prefix}inactive_file`) ?? 0) - (fields.get(`${prefix}active_file`) ?? 0));
}

function fieldsIn(path: string): ReadonlyMap<string, number> {
  const lines = textIn(path).split('\n');
  return new Map(lines.map((line) => line.split(' ')).map(([name = '', value = '0']) => [name, Number(value)]));
}

function numberIn(path: string): number {
  return Number(textIn(path));
}

function textIn(path: string): string {
  return readFileSync(path, 'utf8').trim();
}
