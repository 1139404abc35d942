import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { NotMeasured } from '../../harness/index.ts';
import { observerOf, withPostgres } from './stores.ts';

/** Somebody else may have the table; who waits longer than this for it gets it too late. */
const LOCK_TIMEOUT_MS = 1_500;
/** Nobody is kept waiting longer, also when we are stopped and cannot let go. */
const MOST_MS = 120_000;

type Plan = Readonly<Record<string, unknown>>;

/**
 * The tables that a statement with one parameter reads, quoted: where its rows are written, work can be held up.
 * @throws NotMeasured when the database does not say.
 */
export async function tablesOf(adminUrl: string, sql: string): Promise<readonly string[]> {
  return withPostgres(adminUrl, async (client) => {
    const { rows } = await client.query<Readonly<Record<string, unknown>>>(`explain (verbose, format json) ${sql}`, [randomUUID()]);
    const found = new Set(relationsIn(rows[0]?.['QUERY PLAN']).map(({ schema, name }) => `${quoted(schema)}.${quoted(name)}`));
    if (found.size === 0) throw new NotMeasured(`\`stream.processed\` reads no table that could be held, as its plan says: ${sql}`);
    return [...found];
  });
}

function relationsIn(plan: unknown): readonly { readonly schema: string; readonly name: string }[] {
  if (Array.isArray(plan)) return plan.flatMap(relationsIn);
  if (typeof plan !== 'object' || plan === null) return [];
  const { Schema: schema, 'Relation Name': name } = plan as Plan;
  const own = typeof schema === 'string' && typeof name === 'string' ? [{ schema, name }] : [];
  return [...own, ...Object.values(plan).flatMap(relationsIn)];
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Keeps others from writing into tables; reading goes on. Ends with its connection, whatever becomes of us. Dispose it.
 */
export class TableHold implements AsyncDisposable {
  readonly #client: pg.Client;
  readonly #tables: readonly string[];

  private constructor(client: pg.Client, tables: readonly string[]) {
    this.#client = client;
    this.#tables = tables;
  }

  static async open(adminUrl: string, tables: readonly string[]): Promise<TableHold> {
    const client = observerOf(adminUrl);
    await client.connect();
    return new TableHold(client, tables);
  }

  /**
   * Resolves when the tables are held. `after`: once those are done who waited before; else another hold may be there too.
   * @throws NotMeasured when they cannot be.
   */
  async take(mode: 'beside' | 'after'): Promise<void> {
    const lock = mode === 'after' ? 'share row exclusive' : 'share';
    try {
      await this.#client.query('begin');
      await this.#client.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; set local idle_in_transaction_session_timeout = ${MOST_MS}`);
      await this.#client.query(`lock table ${this.#tables.join(', ')} in ${lock} mode`);
    } catch (error) {
      await this.#client.query('rollback');
      throw new NotMeasured(`${this.#tables.join(', ')} could not be held to make the consumer wait: ${String(error)}`);
    }
  }

  /** The sessions that wait for the tables end as they do when the process behind them is gone. Returns how many there were. @throws NotMeasured when they cannot be ended. */
  async endWaiting(): Promise<number> {
    try {
      const { rowCount } = await this.#client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where pg_backend_pid() = any(pg_blocking_pids(pid))`,
      );
      return rowCount ?? 0;
    } catch (error) {
      throw new NotMeasured(
        `what the dead consumer was about to write could not be stopped: ${String(error)}; the way in needs pg_signal_backend`,
      );
    }
  }

  async release(): Promise<void> {
    await this.#client.query('rollback');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client.end();
  }
}
