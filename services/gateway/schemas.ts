import { z } from 'zod';

/** Shapes that several endpoints share. */
export const uuid = z.guid().toLowerCase();
/** RFC 3339, UTC. */
export const time = z.iso.datetime();
export const byId = z.object({ id: uuid });

export function itemsOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item) });
}
