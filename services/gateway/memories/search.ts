import type { Sql } from '../database/pool.ts';

export interface Found {
  readonly id: string;
  readonly content: string;
  readonly distance: number;
}

export interface SearchResult {
  readonly items: readonly Found[];
  /** Whether the vector index ordered the rows, or every row of the workspace was compared: what the planner said about this statement. */
  readonly plan: 'index' | 'seq';
}

export interface Nearest {
  readonly workspaceId: string;
  /** Who asks: its private memories count, those of others do not. */
  readonly owner: string | null;
  /** As Postgres reads a vector. */
  readonly vector: string;
  readonly limit: number;
  readonly maxDistance: number | null;
}

/** Who may see a row, beside the workspace: `$2` is the one who asks. */
export const VISIBLE = `(access <> 'private' or owner is not distinct from $2)`;

/** What is too far away is left out after the nearest are known: a filter inside would make the index scan look for it to the end. */
const SEARCH = `
  with nearest as materialized (
    select id, content, embedding <=> $3::vector as distance from memories
    where workspace_id = $1 and ${VISIBLE} order by embedding <=> $3::vector limit $4
  )
  select id, content, distance from nearest where $5::float8 is null or distance <= $5 order by distance`;

/** Fewer candidates than this lose neighbours. */
const MIN_CANDIDATES = 40;
/** How many rows of all workspaces one search may look at. */
const MAX_SCANNED = 200_000;

/**
 * The index knows nothing of workspaces: it yields rows of all, and those of others are dropped. So the scan goes on until `limit`
 * rows are left (iterative scan), instead of stopping at the first candidates and answering with too few.
 */
const SETTINGS = `select set_config('hnsw.iterative_scan', 'strict_order', true), set_config('hnsw.ef_search', $1, true),
  set_config('hnsw.max_scan_tuples', '${MAX_SCANNED}', true), set_config('hnsw.scan_mem_multiplier', '8', true)`;

/** Runs in a transaction of the workspace. */
export type NearestSearch = (sql: Sql, nearest: Nearest) => Promise<SearchResult>;

export const findNearest: NearestSearch = async (sql, { workspaceId, owner, vector, limit, maxDistance }) => {
  const values = [workspaceId, owner, vector, limit, maxDistance];
  await sql.query(SETTINGS, [String(Math.max(MIN_CANDIDATES, limit))]);
  const plan = await sql.query<{ 'QUERY PLAN': unknown }>(`explain (format json) ${SEARCH}`, values);
  const { rows } = await sql.query<Found>(SEARCH, values);
  return { items: rows, plan: ordersByIndex(plan.rows[0]?.['QUERY PLAN']) ? 'index' : 'seq' };
};

/** Whether a node of the plan is an index scan that yields its rows by distance. */
export function ordersByIndex(plan: unknown): boolean {
  if (typeof plan !== 'object' || plan === null) return false;
  if (!Array.isArray(plan) && 'Index Name' in plan && 'Order By' in plan) return true;
  return Object.values(plan).some(ordersByIndex);
}
