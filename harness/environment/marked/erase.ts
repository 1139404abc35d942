import { withServer } from './with-server.ts';

/** Rows of many tables, of which some have no index for it. */
const LIMITS = { statementMs: 30_000, lockMs: 5_000 };

/** Runs the statements one after the other, all of them or none; `$1` of each are the ids. Returns how many rows went. */
export async function eraseRows(adminUrl: string, statements: readonly string[], ids: readonly string[]): Promise<number> {
  return withServer(adminUrl, LIMITS, async (client) => {
    await client.query('begin');
    let rows = 0;
    for (const sql of statements) rows += (await client.query(sql, [ids])).rowCount ?? 0;
    await client.query('commit');
    return rows;
  });
}
