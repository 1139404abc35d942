import { z } from 'zod';
import { operation } from '../operation.ts';
import type { Role } from '../role.ts';

const summariseInput = z.object({ samples_ms: z.array(z.number().min(0)).min(1).max(5000) });
/** From this many samples on the figures are taken as they are. */
const ENOUGH_SAMPLES = 5;

/** What a series of measured times says. */
export const PERFORMANCE: Role = {
  summarise: operation({
    schema: summariseInput,
    run: ({ samples_ms: samples }) => {
      const sorted = samples.toSorted((a, b) => a - b);
      const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
      const result = {
        count: samples.length,
        mean_ms: mean,
        p50_ms: nearestRank(sorted, 0.5),
        p95_ms: nearestRank(sorted, 0.95),
        max_ms: sorted.at(-1) ?? 0,
      };
      return { result, confidence: Math.min(1, samples.length / ENOUGH_SAMPLES) };
    },
  }),
};

function nearestRank(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
}
