import type { Completions } from './completions.ts';

/** Places in the meter where a part can be wrapped or replaced: by a test, or by a planted defect. */
export interface MeterSeams {
  completions(part: Completions): Completions;
}

/** Every part as it is. */
export const METER_AS_IS: MeterSeams = { completions: (part) => part };
