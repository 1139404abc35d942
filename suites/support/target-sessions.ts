import type { SuiteRun } from '../../harness/index.ts';
import { scalar, withPostgres } from './stores.ts';

/** Whose sessions of a Postgres are the target's: others may work on the same server, and in the same database. */
export interface TargetSessions {
  /** As the server calls it: on the way there it may have another name. */
  readonly database: string;
  /** null: the target works under other roles than that of its address, so that nobody can be told apart by it. */
  readonly role: string | null;
}

const HAS_SESSIONS = `select exists (select from pg_stat_activity where backend_type = 'client backend' and datname = $1 and usename = $2
  and application_name not like 'muster-%')`;

export async function targetSessions(run: Pick<SuiteRun, 'service'>, adminUrl: string): Promise<TargetSessions> {
  const { url } = await run.service('postgres');
  const { database, role } = await withPostgres(url, async (client) => ({
    database: String(await scalar(client, 'select current_database()')),
    role: String(await scalar(client, 'select session_user')),
  }));
  const isUsed = await withPostgres(adminUrl, async (client) => (await scalar(client, HAS_SESSIONS, [database, role])) === true);
  return { database, role: isUsed ? role : null };
}

/** For a person. */
export function sessionsTold({ database, role }: TargetSessions): string {
  return role === null ? `sessions in the database ${database}` : `sessions of the role ${role} in the database ${database}`;
}
