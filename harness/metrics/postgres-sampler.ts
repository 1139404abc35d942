import { Client } from 'pg';
import { monotonicMs } from '../model/clock.ts';
import { messageOf } from '../model/errors.ts';
import type { Sampler } from './sampling-loop.ts';
import { startSampling } from './sampling-loop.ts';

export interface PostgresActivity {
  readonly total: number;
  readonly active: number;
  readonly idle: number;
  /** Includes aborted transactions. */
  readonly idleInTransaction: number;
  /** Time the oldest of them has been idle; 0 when there is none. */
  readonly longestIdleInTransactionMs: number;
  readonly longestTransactionMs: number;
  /** Sessions waiting for a lock. */
  readonly blocked: number;
  /** Time the first of them has waited; 0 when there is none. */
  readonly longestLockWaitMs: number;
  /** Sessions that have not asked anything since they were opened, for `UNUSED_AFTER_S` at least. */
  readonly unused: number;
  /** Process of the observing session itself, on the server. */
  readonly observerPid: number;
  /** Who holds others up, or a transaction open, for longer than `TELLING_MS`; the first few. */
  readonly telling: readonly TellingSession[];
}

/** A session that explains a figure. Statements are as they were sent. */
export interface TellingSession {
  readonly pid: number;
  readonly state: string;
  readonly waitsMs: number;
  readonly transactionMs: number;
  /** Since its state last changed. */
  readonly inStateMs: number;
  readonly query: string;
  readonly blockedBy: readonly { readonly pid: number; readonly query: string }[];
}

/** `activity` null: a gap, the server could not be asked, or does not show it; `error` says why. */
export interface PostgresSample {
  /** CLOCK_MONOTONIC, when the answer was there. */
  readonly atMs: number;
  readonly activity: PostgresActivity | null;
  readonly error: string | null;
}

export interface PostgresSamplerOptions {
  readonly connectionString: string;
  readonly intervalMs: number;
  /** SQL LIKE pattern of the application names that are counted; all but Muster's own (`muster-…`) when absent. */
  readonly applicationFilter?: string;
  /** Only sessions of this database; the server may be shared with others. */
  readonly database?: string;
  /** Only sessions of this role; null or absent: of every role. */
  readonly role?: string | null;
}

type Figures = Omit<PostgresActivity, 'telling'> & { readonly seesAll: boolean };

const BLIND = 'the role of the admin url may not see what other sessions do: grant it pg_monitor';

/** Sessions of Muster itself carry names with this prefix and are never counted. */
export const OBSERVER_APPLICATION = 'muster-observer';
const PATIENCE_MS = 1000;

/** A pool may open a connection ahead of its first use. */
const UNUSED_AFTER_S = 10;
const TELLING_MS = 200;
const WORSE = 1.2;

const OTHERS = `backend_type = 'client backend' and pid <> pg_backend_pid()
    and application_name not like 'muster-%' and application_name like $1 and ($2::text is null or datname = $2) and ($3::text is null or usename = $3)`;
const MS_SINCE = (time: string): string => `extract(epoch from clock_timestamp() - ${time}) * 1000`;
/** When a wait for a lock began is known from version 14 on; before, it is not earlier than the statement. */
const WAIT_BEGAN = `coalesce((select min((to_jsonb(l)->>'waitstart')::timestamptz) from pg_locks l where l.pid = a.pid and not l.granted),
  case when current_setting('server_version_num')::int < 140000 then a.query_start else clock_timestamp() end)`;

const ACTIVITY = `
  select /* muster */ count(*)::int as total,
    (count(*) filter (where state = 'active'))::int as active,
    (count(*) filter (where state = 'idle'))::int as idle,
    (count(*) filter (where state like 'idle in transaction%'))::int as "idleInTransaction",
    coalesce(max(${MS_SINCE('state_change')}) filter (where state like 'idle in transaction%'), 0)::float8 as "longestIdleInTransactionMs",
    coalesce(max(${MS_SINCE('xact_start')}), 0)::float8 as "longestTransactionMs",
    (count(*) filter (where wait_event_type = 'Lock'))::int as blocked,
    coalesce(max(case when wait_event_type = 'Lock' then ${MS_SINCE(WAIT_BEGAN)} end), 0)::float8 as "longestLockWaitMs",
    (count(*) filter (where state = 'idle' and query = '' and backend_start < now() - interval '${UNUSED_AFTER_S} s'))::int as unused,
    pg_backend_pid() as "observerPid",
    pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "seesAll"
  from pg_stat_activity a where ${OTHERS}`;

const TELLING = `
  select /* muster */ pid, state, (case when wait_event_type = 'Lock' then ${MS_SINCE(WAIT_BEGAN)} else 0 end)::float8 as "waitsMs",
    coalesce(${MS_SINCE('xact_start')}, 0)::float8 as "transactionMs", (${MS_SINCE('state_change')})::float8 as "inStateMs",
    left(query, 1000) as query,
    coalesce((select json_agg(json_build_object('pid', b.pid, 'query', left(b.query, 1000))) from pg_stat_activity b
      where a.wait_event_type = 'Lock' and b.pid = any(pg_blocking_pids(a.pid))), '[]') as "blockedBy"
  from pg_stat_activity a where ${OTHERS} and clock_timestamp() - xact_start > interval '${TELLING_MS} ms'
  order by xact_start limit 4`;

/**
 * Samples who is connected to Postgres and what they do. While the server is away (stopped, hung, full) samples are
 * gaps, and it connects again by itself. Wants a role that sees other sessions' states (superuser or pg_monitor).
 */
export function postgresSampler(options: PostgresSamplerOptions): Sampler<PostgresSample> {
  const observer = new Observer(options);
  return startSampling({ intervalMs: options.intervalMs, take: () => observer.sample(), close: () => observer.close() });
}

class Observer {
  readonly #options: PostgresSamplerOptions;
  #client: Client | null = null;
  #worstMs = 0;

  constructor(options: PostgresSamplerOptions) {
    this.#options = options;
  }

  async sample(): Promise<PostgresSample> {
    try {
      const client = this.#client ?? (await this.#connect());
      return await this.#look(client);
    } catch (error) {
      await this.close();
      return { atMs: monotonicMs(), activity: null, error: messageOf(error) };
    }
  }

  async #look(client: Client): Promise<PostgresSample> {
    const { applicationFilter = '%', database = null, role = null } = this.#options;
    const filter = [applicationFilter, database, role];
    // Prepared: planning it anew each time would cost more than running it.
    const { rows } = await client.query<Figures>({ name: 'muster_activity', text: ACTIVITY, values: filter });
    const atMs = monotonicMs();
    const [figures] = rows;
    // Such a role is shown who is connected, but nothing of what they do: all its figures would be 0.
    if (figures?.seesAll !== true) return { atMs, activity: null, error: BLIND };
    const { seesAll: _seesAll, ...activity } = figures;
    const worst = Math.max(activity.longestTransactionMs, activity.longestLockWaitMs);
    return { atMs, activity: { ...activity, telling: await this.#tell(client, worst, filter) }, error: null };
  }

  /** Looked up only when something lasts longer than all before: it costs more than the figures. */
  async #tell(client: Client, worstMs: number, values: readonly (string | null)[]): Promise<readonly TellingSession[]> {
    if (worstMs < TELLING_MS || worstMs < this.#worstMs * WORSE) return [];
    this.#worstMs = worstMs;
    return (await client.query<TellingSession>({ text: TELLING, values: [...values] })).rows;
  }

  async close(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client !== null) await hangUp(client);
  }

  async #connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.#options.connectionString,
      application_name: OBSERVER_APPLICATION,
      connectionTimeoutMillis: PATIENCE_MS,
      query_timeout: PATIENCE_MS,
    });
    // A lost connection shows in the next query; without a listener it would end the process.
    client.on('error', () => undefined);
    this.#client = client;
    await client.connect();
    return client;
  }
}

/** A server that hangs does not answer the goodbye either: then the socket is cut. */
async function hangUp(client: Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), PATIENCE_MS);
  try {
    await client.end();
  } finally {
    clearTimeout(cut);
  }
}
