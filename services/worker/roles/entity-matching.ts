import { z } from 'zod';
import { operation } from '../operation.ts';
import { recordSchema } from '../records.ts';
import type { Role } from '../role.ts';

const matchInput = z.object({ records: z.array(recordSchema).min(1).max(200), threshold: z.number().min(0).max(1).default(0.6) });

/** Which records speak of the same entity, by the letters their names share. */
export const ENTITY_MATCHING: Role = {
  match: operation({
    schema: matchInput,
    run: ({ records, threshold }) => {
      const pairs = allPairs(records.map((record) => String(record['name'] ?? '')));
      const matches = pairs.filter(({ similarity }) => similarity >= threshold);
      // A pair near the threshold could be decided either way: the nearest one says how far the whole can be trusted.
      const margin = Math.min(1, ...pairs.map(({ similarity }) => Math.abs(similarity - threshold)));
      return {
        result: { compared: pairs.length, matches: matches.slice(0, 200) },
        confidence: Math.round(Math.min(1, 0.7 + margin) * 1000) / 1000,
      };
    },
  }),
};

interface Pair {
  readonly a: number;
  readonly b: number;
  readonly similarity: number;
}

function allPairs(names: readonly string[]): readonly Pair[] {
  const grams = names.map(bigrams);
  return grams.flatMap((left, a) => grams.slice(a + 1).map((right, offset) => ({ a, b: a + 1 + offset, similarity: dice(left, right) })));
}

function bigrams(text: string): ReadonlySet<string> {
  const padded = ` ${text.toUpperCase()} `;
  return new Set(Array.from({ length: padded.length - 1 }, (_, index) => padded.slice(index, index + 2)));
}

/** Sørensen–Dice coefficient of two sets: 1 for the same, 0 for nothing in common. */
export function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const common = [...a].filter((gram) => b.has(gram)).length;
  return a.size + b.size === 0 ? 0 : (2 * common) / (a.size + b.size);
}
