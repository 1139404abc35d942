import { createHash } from 'node:crypto';

export const DIMENSIONS = 384;

/**
 * Hash of each word into one of 384 buckets, counted and scaled to length 1. It ranks texts by the words they share and exercises
 * the index; it understands no language, and does not claim to.
 */
export function embed(text: string): readonly number[] {
  const buckets = Array.from({ length: DIMENSIONS }, () => 0);
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []) {
    const bucket = createHash('sha256').update(word).digest().readUInt32BE(0) % DIMENSIONS;
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  const length = Math.hypot(...buckets);
  return length === 0 ? buckets : buckets.map((count) => count / length);
}
