import { z } from 'zod';

/** Shapes that several endpoints share. */
export const uuid = z.guid().toLowerCase();
/** RFC 3339, UTC. */
export const time = z.iso.datetime();
/** Where the caller decides what it is; described, so that the document does not look as if it had forgotten to say. */
export const anyJson = z.unknown().describe('Any JSON value');
export const byId = z.object({ id: uuid });

/** The caller's own name for a request: sent twice, it is done once. */
export const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters');
export const IDEMPOTENCY_HEADER = { 'Idempotency-Key': idempotencyKey } as const;
/** Where the next page starts; as the page before it said. */
export const cursor = z.string().regex(/^[1-9]\d{0,17}$/, 'must be the next_cursor of a page');

export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}

export function itemsOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}
