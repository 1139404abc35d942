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

export interface ReadinessDeps {
  readonly migrator: Migrator;
  /** What has to be done after the migrations and before ready; again when it failed. */
  readonly prepare: () => Promise<unknown>;
  readonly log: Log;
}

const CHECK_LIMIT_MS = 900;
const MAX_AGE_MS = 500;
const RETRY_MS = 200;

/** Migrates as soon as the database lets it, and afterwards asks the database whether the schema is at the head. */
export function createReadiness({ migrator, prepare, log }: ReadinessDeps): Readiness {
  let draining = false;
  let prepared = false;
  const report = rateLimited((fields) => log.warn('not_migrated_yet', fields), 2000);
  const preparing = repeat(
    async () => {
      if (prepared) return;
      await migrator.migrate();
      await prepare();
      prepared = true;
    },
    RETRY_MS,
    report,
  );
  const check = fresh(() => schemaFailures(migrator), MAX_AGE_MS);
  return {
    failed: async () => {
      if (draining) return ['draining'];
      return prepared ? check() : ['migrations: not applied yet'];
    },
    drain: async () => {
      draining = true;
      await preparing.stop();
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
