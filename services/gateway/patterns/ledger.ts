import type { Pool } from 'pg';

export interface LedgerEntry {
  readonly opId: string;
  readonly workspaceId: string;
  readonly kind: string;
  readonly promptTokens: number;
  readonly completionTokens: number;
  readonly source: string;
}

export interface Ledger {
  /** Books the tokens and returns the sum of everything booked for the operation so far. */
  book(entry: LedgerEntry): Promise<number>;
}

const BOOK = `
  with booked as (
    insert into token_ledger (op_id, workspace_id, kind, prompt, completion, source) values ($1, $2, $3, $4, $5, $6)
    returning prompt + completion as tokens)
  select (select tokens from booked) + coalesce((select sum(prompt + completion) from token_ledger where op_id = $1), 0)::int as total`;

export function createLedger(pool: Pool): Ledger {
  return {
    book: async ({ opId, workspaceId, kind, promptTokens, completionTokens, source }) => {
      const { rows } = await pool.query<{ total: number }>(BOOK, [opId, workspaceId, kind, promptTokens, completionTokens, source]);
      const [row] = rows;
      if (row === undefined) throw new Error('the ledger returned no sum');
      return row.total;
    },
  };
}
