import { z } from 'zod';
import { WORK_SIZES, WORK_TYPES } from '../model/economy.ts';
import { count, expression, headerName, httpLine, name, nonEmpty } from './leaves.ts';

const scalar = z.union([z.string(), z.number(), z.boolean()]);

const sample = z.strictObject({ texts: z.array(nonEmpty).min(1), body: z.record(nonEmpty, z.json()).optional() });

const prices = z.strictObject({
  inputPerMillion: z.number().min(0),
  outputPerMillion: z.number().min(0),
  operationsPerDay: count,
  currency: nonEmpty.optional(),
  limitPerOperation: z.number().positive().optional(),
});

/** See `EconomyBinding` in the model. */
export const economy = z.strictObject({
  baseline: z
    .strictObject({ http: httpLine, service: name.optional(), body: z.json().optional(), headers: z.record(headerName, scalar).optional() })
    .optional(),
  type: expression.optional(),
  repeats: count.max(1_000).optional(),
  types: z.partialRecord(z.enum(WORK_TYPES), sample).optional(),
  sizes: z.partialRecord(z.enum(WORK_SIZES), sample).optional(),
  context: sample.optional(),
  prices: prices.optional(),
});
