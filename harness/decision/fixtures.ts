import type { Criterion } from '../model/criterion.ts';
import type { Measurement, Observation, Reported } from '../model/measurement.ts';
import type { Threshold } from '../model/threshold.ts';
import { parseThreshold } from '../model/threshold.ts';

/** A bound from its text, for tests. @throws the problem, when there is one. */
export function bound(text: string): Threshold {
  const parsed = parseThreshold(text);
  if (!parsed.ok) throw new TypeError(parsed.problem);
  return parsed.threshold;
}

type Overrides = Partial<Omit<Criterion, 'pass' | 'nogo'>> & { readonly pass?: string | null; readonly nogo?: string | null };

/** A P0 boolean criterion unless told otherwise, for tests. */
export function criterion({ pass = null, nogo = null, ...rest }: Overrides = {}): Criterion {
  return {
    id: 'demo.subject.measure',
    suite: 'demo',
    severity: 'P0',
    claim: 'it works',
    kind: 'boolean',
    unit: null,
    minSamples: 'auto',
    requires: [],
    dependsOn: [],
    owner: 'technical',
    hint: 'See the runbook.',
    weight: 1,
    confidence: 0.95,
    notApplicable: null,
    pass: pass === null ? null : bound(pass),
    nogo: nogo === null ? null : bound(nogo),
    ...rest,
  };
}

/** The report of a measurement on the running target, for tests. */
export function measured({ id }: Criterion, observation: Observation, overrides: Partial<Measurement> = {}): Reported {
  const measurement: Measurement = {
    criterion: id,
    observation,
    evidence: 'measured',
    witnesses: [],
    window: { startMs: 0, endMs: 1000 },
    harnessFault: null,
    ...overrides,
  };
  return { measurement };
}

export function notRun({ id }: Criterion, blockedBy: string | null = null): Reported {
  return { absence: { criterion: id, reason: 'It was skipped.', blockedBy, kind: 'not-run' } };
}

export function attempts(...oks: readonly boolean[]): Observation {
  return { kind: 'boolean', attempts: oks.map((ok, i) => ({ ok, note: ok ? 'fine' : `attempt ${i + 1} answered 500` })) };
}
