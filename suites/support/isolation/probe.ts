export const LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;
export type Level = (typeof LEVELS)[number];

export interface Row {
  readonly id: number;
  readonly value: number;
}

export type Transaction = 1 | 2 | 3;
/** Who, which statement (`$t` is the table), and by which name its rows are asked for afterwards. */
export type Step = readonly [Transaction, string, string?];

/** What came of the steps. */
export interface Story {
  /** Rows that a statement gave; none when its transaction had ended before. */
  readonly read: (name: string) => readonly Row[];
  readonly committed: (transaction: Transaction) => boolean;
  /** What the table holds afterwards. */
  readonly left: readonly Row[];
}

export interface Probe {
  /** As in Hermitage. */
  readonly name: string;
  /** What goes wrong, when it does. */
  readonly what: string;
  readonly steps: readonly Step[];
  readonly happened: (story: Story) => boolean;
}

const AT_READ_COMMITTED = ['PMP', 'PMP write', 'P4', 'G-single', 'G2-item', 'G2'];
const AT_REPEATABLE_READ = ['G2-item', 'G2'];

/** What Postgres permits at each level: it is more than the standard demands that is kept out. */
export const PERMITTED: Readonly<Record<Level, readonly string[]>> = {
  'read committed': AT_READ_COMMITTED,
  'repeatable read': AT_REPEATABLE_READ,
  serializable: [],
};

/** Each with the one after it. */
export function pairwise<T>(values: readonly T[]): readonly (readonly [T, T])[] {
  return values.slice(1).map((value, index): readonly [T, T] => [values[index] as T, value]);
}
