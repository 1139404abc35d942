import type { Sql } from '../gateway/database/pool.ts';
import type { Seams } from '../gateway/seams.ts';

const SET = `select set_config('app.workspace_id', $1, false)`;
const ONE_WORKSPACE = 'workspace_id = $1 and';
const ENDS_WITH_TRANSACTION = /(set_config\([^)]*), true\)/g;

/**
 * The workspace is set for the session, on one connection of the pool; the search trusts it and runs on whichever is free. Alone it is always
 * the same one.
 */
export const SET_CONFIG_LEAK: Partial<Seams> = {
  nearest: (nearest, { pool }) => {
    const sql: Sql = {
      query: (text, values) =>
        pool.query(
          text.replace(ONE_WORKSPACE, '$1::uuid is not null and').replaceAll(ENDS_WITH_TRANSACTION, '$1, false)'),
          values === undefined ? undefined : [...values],
        ),
    };
    return async (_, search) => {
      await pool.query(SET, [search.workspaceId]);
      return nearest(sql, search);
    };
  },
};
