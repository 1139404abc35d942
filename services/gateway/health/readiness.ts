import { fresh, within } from '../../shared/fresh.ts';
import { messageOf, rateLimited, type Log } from '../../shared/log.ts';
import { repeat } from '../../shared/repeat.ts';
import type { Migrator } from '../database/migrator.ts';

export interface Readiness {
  /** Names what is missing; empty when the service can take work. */
  failed(): Promise<readonly string[]>;
  /** From now on not ready: the process is about to end. */
  drain(): Promise<void>;
}

const CHECK_LIMIT_MS = 900;
const MAX_AGE_MS = 500;
const RETRY_MS = 200;

/** Migrates as soon as the database lets it, and afterwards asks the database whether the schema is at the head. */
export function createReadiness(migrator: Migrator, log: Log): Readiness {
  let draining = false;
  let migrated = false;
  const report = rateLimited((fields) => log.warn('not_migrated_yet', fields), 2000);
  const migrating = repeat(
    async () => {
      if (migrated) return;
      await migrator.migrate();
      migrated = true;
    },
    RETRY_MS,
    report,
  );
  const check = fresh(() => (migrated ? schemaFailures(migrator) : Promise.resolve(['migrations: not applied yet'])), MAX_AGE_MS);
  return {
    failed: async () => (draining ? ['draining'] : check()),
    drain: async () => {
      draining = true;
      await migrating.stop();
    },
  };
}

async function schemaFailures(migrator: Migrator): Promise<readonly string[]> {
  try {
    return (await within(migrator.atHead(), CHECK_LIMIT_MS)) ? [] : ['migrations: the schema is behind the head'];
  } catch (error) {
    return [`postgres: ${messageOf(error)}`];
  }
}
