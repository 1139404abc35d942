import { createHash } from 'node:crypto';

export interface Migration {
  /** `NNN_name`; the order of the names is the order of the migrations. */
  readonly version: string;
  readonly up: string;
  readonly down: string;
}

/** Over both directions: a file that was edited after it had been applied is recognised. */
export function checksumOf(migration: Migration): string {
  return createHash('sha256').update(migration.up).update('\0').update(migration.down).digest('hex');
}
