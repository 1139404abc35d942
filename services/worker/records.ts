import { z } from 'zod';

/** Records as the workers exchange them. */
export const recordSchema = z.record(z.string().min(1).max(64), z.union([z.string().max(2000), z.number(), z.boolean(), z.null()]));
export type DataRecord = z.infer<typeof recordSchema>;

export const recordsInput = z.object({ records: z.array(recordSchema).min(1).max(500) });
