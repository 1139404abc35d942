import { createHash, randomUUID } from 'node:crypto';

const LENGTH = 12;

/** 12 hexadecimal digits, the same for all that a run makes at a target and different for each run. */
export function markOf(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, LENGTH);
}

/** How every id begins that a run makes up for a workspace. */
export function markedPrefix(mark: string): string {
  return `${mark.slice(0, 8)}-${mark.slice(8, LENGTH)}`;
}

/** A new UUID of the fourth version that begins with the mark. */
export function markedId(mark: string): string {
  const prefix = markedPrefix(mark);
  return `${prefix}${randomUUID().slice(prefix.length)}`;
}
