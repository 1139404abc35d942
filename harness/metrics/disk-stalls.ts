/** A time in which the disk let a small write wait although little was written to it. CLOCK_MONOTONIC. */
export interface DiskStall {
  readonly startMs: number;
  readonly endMs: number;
}

/** One small write. */
export interface DiskWrite extends DiskStall {
  /** Of that time the thread was ready to go on, and waited for a processor. */
  readonly unscheduledMs: number;
  /** By everybody together, meanwhile. */
  readonly writtenBytes: number;
}

/** A disk that works needs a millisecond or two; a rotating one that many ask, thirty. */
const STALL_MS = 50;
/** Who writes more than this a second, be it the target, may keep the disk busy by it: whose doing the wait is cannot be told then. */
const LIGHT_BYTES_PER_S = 32 * 2 ** 20;
/** Two with less between them are one. */
const JOINED_MS = 250;

/** What of its time is the disk's doing. */
export function waitOf({ startMs, endMs, unscheduledMs }: DiskWrite): number {
  return Math.max(0, endMs - startMs - unscheduledMs);
}

/** The disk stood still, and nobody of this machine is known to have made it. */
export function isStall(write: DiskWrite): boolean {
  const perSecond = (write.writtenBytes / (write.endMs - write.startMs)) * 1000;
  return waitOf(write) >= STALL_MS && perSecond <= LIGHT_BYTES_PER_S;
}

/** With `next` at their end: stalls that follow one another at once are one. */
export function appendStall(stalls: DiskStall[], { startMs, endMs }: DiskStall): void {
  const last = stalls.at(-1);
  if (last !== undefined && startMs - last.endMs <= JOINED_MS) stalls[stalls.length - 1] = { startMs: last.startMs, endMs };
  else stalls.push({ startMs, endMs });
}
