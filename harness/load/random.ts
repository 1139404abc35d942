/** What the state of the generator grows by with each draw; so its state after n draws is known without drawing. */
export const MIXER_STEP = 0x6d2b79f5;

/** Mulberry32: a small seeded generator of uniform numbers in [0, 1); the same seed gives the same sequence everywhere. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + MIXER_STEP) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
