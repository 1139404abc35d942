/** A program that changes the schema of the database whose address it is given as `${database}`. */
export interface MigrationProgram {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** How the schema comes about. The programs only ever get a database of their own, made for the check and dropped after it. */
export interface Migrations {
  /** SQL that returns the schema's head. */
  readonly head: string;
  readonly expect: string;
  /** Brings any database to the head. */
  readonly up?: MigrationProgram;
  /** Takes back the newest migration. */
  readonly down?: MigrationProgram;
  /** SQL that fills the tables as they are one migration before the head; variable: `rows`. */
  readonly fill?: string;
}

export const ISOLATION_LEVELS = ['read committed', 'repeatable read', 'serializable'] as const;
export type IsolationLevel = (typeof ISOLATION_LEVELS)[number];
