import type { SuiteRun, Witness } from '../../harness/index.ts';
import { withPostgres } from './stores.ts';

const LOG_LINES = 15;
const MOST_SESSIONS = 10;
/** Sessions of others that are doing something, the longest first. */
const BUSY = `select usename, state, wait_event_type, wait_event, round(extract(epoch from clock_timestamp() - state_change) * 1000)::int as ms, left(query, 120) as query
  from pg_stat_activity
  where datname is not null and pid <> pg_backend_pid() and state <> 'idle'
  order by state_change limit ${MOST_SESSIONS}`;

/** What there is to be seen of the target at this moment: the end of the service's log, and what the database is busy with. */
export async function captured(run: Pick<SuiteRun, 'logTail' | 'adminUrl' | 'cannot'>, service: string): Promise<readonly Witness[]> {
  return [await logOf(run, service), await activity(run)];
}

async function logOf(run: Pick<SuiteRun, 'logTail' | 'cannot'>, service: string): Promise<Witness> {
  const source = `log of ${service}`;
  const why = run.cannot('logs');
  if (why !== null) return { source, saw: why };
  try {
    const lines = await run.logTail(service, LOG_LINES);
    return { source, saw: lines.length === 0 ? 'nothing' : lines.join(' | ') };
  } catch (error) {
    return { source, saw: unreadable(error) };
  }
}

async function activity(run: Pick<SuiteRun, 'adminUrl'>): Promise<Witness> {
  const source = 'pg_stat_activity';
  try {
    const { rows } = await withPostgres(await run.adminUrl('postgres'), (client) => client.query<Record<string, unknown>>(BUSY));
    const sessions = rows.map(
      (row) => `${String(row['usename'])} ${String(row['state'])} for ${String(row['ms'])} ms: ${String(row['query'])}`,
    );
    return { source, saw: sessions.length === 0 ? 'no session is busy' : sessions.join(' | ') };
  } catch (error) {
    return { source, saw: unreadable(error) };
  }
}

function unreadable(error: unknown): string {
  return `could not be read: ${error instanceof Error ? error.message : String(error)}`;
}
