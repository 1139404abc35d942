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
}

/** `activity` null: a gap, the server could not be asked; `error` says why. */
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
}

/** Sessions of Muster itself carry names with this prefix and are never counted. */
export const OBSERVER_APPLICATION = 'muster-observer';
const PATIENCE_MS = 1000;

const ACTIVITY = `
  select count(*)::int as total,
    (count(*) filter (where state = 'active'))::int as active,
    (count(*) filter (where state = 'idle'))::int as idle,
    (count(*) filter (where state like 'idle in transaction%'))::int as "idleInTransaction",
    coalesce(extract(epoch from max(clock_timestamp() - state_change) filter (where state like 'idle in transaction%')) * 1000, 0)::float8
      as "longestIdleInTransactionMs",
    coalesce(extract(epoch from max(clock_timestamp() - xact_start)) * 1000, 0)::float8 as "longestTransactionMs",
    (count(*) filter (where wait_event_type = 'Lock'))::int as blocked
  from pg_stat_activity
  where backend_type = 'client backend' and pid <> pg_backend_pid()
    and application_name not like 'muster-%' and application_name like $1`;

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

  constructor(options: PostgresSamplerOptions) {
    this.#options = options;
  }

  async sample(): Promise<PostgresSample> {
    try {
      const client = this.#client ?? (await this.#connect());
      const { rows } = await client.query<PostgresActivity>(ACTIVITY, [this.#options.applicationFilter ?? '%']);
      return { atMs: monotonicMs(), activity: rows[0] ?? null, error: null };
    } catch (error) {
      await this.close();
      return { atMs: monotonicMs(), activity: null, error: messageOf(error) };
    }
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
