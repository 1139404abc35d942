import type { Recorded } from './history.ts';

/** What can be wrong with a history, in words people use. P0: data is lost, doubled or made up; P1: somebody saw an old or torn state. */
export const ANOMALIES = {
  'lost update': 'P0',
  'duplicate apply': 'P0',
  'rejected but applied': 'P0',
  garbage: 'P0',
  'forked order': 'P0',
  'dirty cycle': 'P0',
  'money made or lost': 'P0',
  'stale read': 'P1',
  'read your writes': 'P1',
  'non-monotonic read': 'P1',
  'order against time': 'P1',
  'read skew': 'P1',
  'write skew': 'P1',
  overdrawn: 'P1',
} as const;

export type AnomalyName = keyof typeof ANOMALIES;

/** One occurrence, told so that a developer can act on it. */
export interface Witness {
  readonly sentence: string;
  /** The operations it is about, in the order in which they were invoked. */
  readonly operations: readonly Recorded<unknown>[];
}

export interface Anomaly {
  readonly name: AnomalyName;
  readonly severity: 'P0' | 'P1';
  readonly count: number;
  /** The first, at most five. */
  readonly witnesses: readonly Witness[];
}

const MAX_WITNESSES = 5;

/** Collects what the checkers find; counts all and keeps a few. */
export class Findings {
  #count = 0;
  readonly #byName = new Map<AnomalyName, { count: number; readonly witnesses: Witness[] }>();

  /** Of everything so far. */
  get count(): number {
    return this.#count;
  }

  add(name: AnomalyName, operations: readonly Recorded<unknown>[], sentence: () => string): void {
    const found = this.#byName.get(name) ?? { count: 0, witnesses: [] };
    this.#byName.set(name, found);
    found.count += 1;
    this.#count += 1;
    if (found.witnesses.length >= MAX_WITNESSES) return;
    found.witnesses.push({ sentence: sentence(), operations: operations.toSorted((a, b) => a.invokedMs - b.invokedMs) });
  }

  /** In the order of the table: the worst first. */
  anomalies(): readonly Anomaly[] {
    return Object.entries(ANOMALIES).flatMap(([name, severity]) => {
      const found = this.#byName.get(name as AnomalyName);
      return found === undefined ? [] : [{ name: name as AnomalyName, severity, ...found }];
    });
  }
}

/** `operation 251 (session 3, 1042.1–1049.8 ms)`: how a sentence names an operation. */
export function named({ id, session, invokedMs, returnedMs }: Recorded<unknown>): string {
  return `operation ${id} (session ${session}, ${invokedMs.toFixed(1)}–${returnedMs.toFixed(1)} ms)`;
}
