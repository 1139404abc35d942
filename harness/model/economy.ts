import type { Expression, HttpTemplate, JsonTemplate } from './target.ts';

/** Kinds of work whose savings are judged by themselves. */
export const WORK_TYPES = ['infrastructure', 'memory', 'hybrid'] as const;
export type WorkType = (typeof WORK_TYPES)[number];

/** How often a text is asked where the target does not say: often enough that a cache has something to do. */
export const DEFAULT_REPEATS = 20;

/** How much an operation has to do; each size has a limit of its own. */
export const WORK_SIZES = ['simple', 'medium', 'complex'] as const;
export type WorkSize = (typeof WORK_SIZES)[number];

/** What the target does to spend less, and against what that is measured. Variables: those of `execute`. */
export interface EconomyBinding {
  /** The same work with every optimisation off. Read by the outcome of `execute`. */
  readonly baseline?: HttpTemplate;
  /** Where an answer to `execute` says of which type the work was. */
  readonly type?: Expression;
  /** How often the same text is asked in real use: what a cache can save rests on it. */
  readonly repeats: number;
  readonly types?: Readonly<Partial<Record<WorkType, Sample>>>;
  readonly sizes?: Readonly<Partial<Record<WorkSize, Sample>>>;
  /** Work that carries a context which the target compresses before it asks its model. */
  readonly context?: Sample;
  readonly prices?: Prices;
}

/** Work of one kind. */
export interface Sample {
  /** Request texts. `${item}` is what they are about: another one for every distinct text of a run. */
  readonly texts: readonly string[];
  /** Added to the fields of the body of `execute`, and of the baseline. */
  readonly body: Readonly<Record<string, JsonTemplate>>;
}

export interface Prices {
  /** Per million tokens that are sent to the model, and that it answers. */
  readonly inputPerMillion: number;
  readonly outputPerMillion: number;
  readonly operationsPerDay: number;
  readonly currency: string;
  /** What an operation may cost; without it the cost is shown and not judged. */
  readonly limitPerOperation?: number;
}
