import { randomBytes } from 'node:crypto';

/** What is made on somebody's server: a database for migrations, a schema for probes. */
export type MarkedKind = 'scratch' | 'isolation';

/** Databases and schemas of any run; nothing else is ever removed. */
export const MARKED = '^muster_(scratch|isolation)_[0-9a-f]{12}_[0-9a-f]{6}$';
const WITH_MARK = /^muster_(?:scratch|isolation)_([0-9a-f]{12})_[0-9a-f]{6}$/;

/** A new name; needs no quotes. */
export function markedName(kind: MarkedKind, mark: string): string {
  return `muster_${kind}_${mark}_${randomBytes(3).toString('hex')}`;
}

/** The mark of the run that made it; null for every name that is not one of ours. */
export function markIn(name: string): string | null {
  return WITH_MARK.exec(name)?.[1] ?? null;
}

/** The beginning of what is written at each as a comment. What bears another comment is somebody else's. */
const SIGNED = 'Made by Muster';

export function signature(mark: string, at: Date): string {
  return `${SIGNED} (${mark}) at ${at.toISOString()}: it can be dropped when that run is over`;
}

/** A run may die between making a thing and signing it. */
export function isSigned(comment: string | null): boolean {
  return comment?.startsWith(SIGNED) ?? true;
}

/** The key of the advisory lock that a run holds while anything of it is there: the letters MU, then the mark. */
export function lockKey(mark: string): string {
  return BigInt(`0x4d55${mark}`).toString();
}
