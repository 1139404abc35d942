import type { Sql } from '../gateway/database/pool.ts';
import type { Seams } from '../gateway/seams.ts';

/** The index yields its first candidates, of all workspaces; what is left of them after the filter is the answer. */
export const FILTERED_SEARCH_SHORT: Partial<Seams> = {
  nearest: (nearest) => (sql, search) => nearest(withoutSettings(sql), search),
};

/** The same statement as the index scan comes out of the box: it stops at `hnsw.ef_search` candidates. */
function withoutSettings(sql: Sql): Sql {
  return { query: async (text, values) => (text.includes('hnsw.') ? { rows: [], rowCount: 0 } : sql.query(text, values)) };
}
