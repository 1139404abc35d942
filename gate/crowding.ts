import { existsSync, readFileSync } from 'node:fs';

/** From this share on, others had so much of the machine that how long something took says nothing about who was measured. */
export const CROWDED = 0.25;

export interface Watched<T> {
  readonly value: T;
  /** Share of all processors that was used by others than the processes that `work` started and awaited; 0 where nobody can say. */
  readonly othersShare: number;
}

/** Does `work` and looks how much of the machine others use meanwhile; what a hypervisor gives to its other guests counts, too. */
export async function whileWatched<T>(work: () => Promise<T>): Promise<Watched<T>> {
  const before = ticks();
  const value = await work();
  const after = ticks();
  if (before === null || after === null || after.all === before.all) return { value, othersShare: 0 };
  const busy = after.busy - before.busy - (after.own - before.own);
  return { value, othersShare: Math.max(0, busy / (after.all - before.all)) };
}

interface Ticks {
  readonly all: number;
  /** Everything but idle and waiting for a disk. */
  readonly busy: number;
  /** Of this process and of all its descendants that have ended. */
  readonly own: number;
}

function ticks(): Ticks | null {
  if (!existsSync('/proc/self/stat')) return null;
  const machine = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/u).slice(1, 9).map(Number);
  // The name may hold anything; after its closing bracket come the fields from the third on.
  const own = readFileSync('/proc/self/stat', 'utf8')
    .replace(/^.*\) /su, '')
    .split(' ')
    .slice(11, 15)
    .map(Number);
  const all = sum(machine);
  return { all, busy: all - (machine[3] ?? 0) - (machine[4] ?? 0), own: sum(own) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
