import { Pool } from 'pg';
import { messageOf } from '../model/errors.ts';
import type { StoreReading } from './redis-stream.ts';

export type StoredValues = { readonly ok: true; readonly values: readonly string[] } | { readonly ok: false; readonly problem: string };

type Rows = readonly Readonly<Record<string, unknown>>[];
type Failed = { readonly ok: false; readonly problem: string };

/** The second witness: asks the database itself, past the target. Dispose it: it holds connections. */
export interface PostgresWitness extends AsyncDisposable {
  /** Column `value` (or the only column) of every row of a binding's SQL (`register.stored`, `stream.processed`) for `$1`. */
  values(sql: string, parameter: string): Promise<StoredValues>;
  /** First column of the first row of a counting SQL (`operation.effect`) for `$1`. */
  count(sql: string, parameter: string): Promise<StoreReading>;
}

export interface PostgresWitnessOptions {
  /** Admin URL of the database the target uses. */
  readonly url: string;
  readonly timeoutMs: number;
}

export function createPostgresWitness({ url, timeoutMs }: PostgresWitnessOptions): PostgresWitness {
  const pool = new Pool({
    connectionString: url,
    // Two, so that the witness never holds many of the connections it counts.
    max: 2,
    connectionTimeoutMillis: timeoutMs,
    statement_timeout: timeoutMs,
    query_timeout: timeoutMs + 1000,
    application_name: 'muster-witness',
  });
  let lastIdleError: string | null = null;
  // A killed server breaks idle connections; without a listener that would end our process.
  pool.on('error', (error) => {
    lastIdleError = error.message;
  });
  const ask = async (sql: string, parameter: string): Promise<Rows> => {
    const result = await pool.query<Record<string, unknown>>(sql, [parameter]);
    lastIdleError = null;
    return result.rows;
  };
  const read = async <T extends { readonly ok: true }>(
    sql: string,
    parameter: string,
    from: (rows: Rows) => T | Failed,
  ): Promise<T | Failed> => {
    try {
      return from(await ask(sql, parameter));
    } catch (error) {
      return { ok: false, problem: lastIdleError === null ? messageOf(error) : `${messageOf(error)} (before: ${lastIdleError})` };
    }
  };
  return {
    values: (sql, parameter) => read(sql, parameter, valuesOf),
    count: (sql, parameter) => read(sql, parameter, countOf),
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}

function valuesOf(rows: Rows): StoredValues & { readonly ok: true } {
  return { ok: true, values: rows.map((row) => String('value' in row ? row['value'] : Object.values(row)[0])) };
}

function countOf([row]: Rows): StoreReading {
  const text = Object.values(row ?? {})[0];
  const value = typeof text === 'string' || typeof text === 'number' ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? { ok: true, value } : { ok: false, problem: 'the SQL returned no number' };
}
