import { seededRandom } from '../../../harness/index.ts';

/** Vectors of length 1 around a few centres: a query has near neighbours and far ones, as texts about topics have. */
export interface VectorSource {
  next(): readonly number[];
}

const CENTRES = 40;
/** How far from its centre a vector may be, in each direction: with more, everything is as far from everything. */
const SPREAD = 0.6;
const DIGITS = 5;

export function vectorSource(seed: number, dimensions: number): VectorSource {
  const random = seededRandom(seed);
  const direction = (): readonly number[] => Array.from({ length: dimensions }, () => random() - 0.5);
  const centres = Array.from({ length: CENTRES }, direction);
  return {
    next: () => {
      const centre = centres[Math.floor(random() * CENTRES)] ?? [];
      return unit(centre.map((value) => value + SPREAD * (random() - 0.5)));
    },
  };
}

function unit(vector: readonly number[]): readonly number[] {
  const length = Math.hypot(...vector);
  return vector.map((value) => Number((value / length).toFixed(DIGITS)));
}

/** As the server reads it. */
export function vectorText(vector: readonly number[]): string {
  return `[${vector.join(',')}]`;
}
