import type { CheckDeclaration } from '../../../harness/index.ts';

/** Preflight criteria on which everything else rests: when one is VIOLATED, the rest is NOT_RUN(blocked by it). */
export const GATES = [
  'preflight.services.ready',
  'preflight.services.stay_up',
  'preflight.services.identity',
  'preflight.services.health',
  'preflight.migrations.head',
] as const;

type Defaulted = 'pass' | 'nogo' | 'unit' | 'minSamples' | 'requires' | 'dependsOn' | 'profiles' | 'owner' | 'weight';
type Row = Omit<CheckDeclaration, Defaulted> & Partial<Pick<CheckDeclaration, Defaulted>>;

/** Fills what most rows share: no thresholds (boolean, count), all profiles, resting on the preflight gates. */
export function row(given: Row): CheckDeclaration {
  return {
    pass: null,
    nogo: null,
    unit: null,
    minSamples: 'auto',
    requires: [],
    dependsOn: GATES,
    profiles: ['quick', 'full', 'soak'],
    owner: 'technical',
    weight: 1,
    ...given,
  };
}
