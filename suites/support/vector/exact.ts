import type { Client } from 'pg';
import type { VectorBinding, VectorColumn } from './column.ts';

/** What is true of one search, by comparing every row. */
export interface Truth {
  /** Rows that there are to find: within the cutoff, where there is one. */
  readonly rows: number;
  /** Distance of the last that belongs to the nearest; null when there is no row. */
  readonly farthest: number | null;
  /** Distance of each found id; those that are no row of the workspace are missing. */
  readonly distances: readonly number[];
}

/** The index yields its rows by an index scan only; without it the server compares every row. */
export async function exactly(client: Client): Promise<void> {
  await client.query('set enable_indexscan = off');
}

/** Distances that differ by less are equal: whichever of such rows was found is as good. */
const TIE = 1e-6;
const tieAt = (distance: number): number => TIE * Math.max(1, Math.abs(distance));

/** What is just at the cutoff may be found or not. */
const WITHIN = '($5::float8 is null or distance <= $5)';

/** @param client one for which `exactly` was asked. */
export async function truthOf(
  client: Client,
  { table, operator, limit, cutoff }: VectorBinding,
  { column, key, workspace }: VectorColumn,
  { vector, tenant, ids }: { readonly vector: string; readonly tenant: string; readonly ids: readonly string[] },
): Promise<Truth> {
  const reach = cutoff === undefined ? null : cutoff - tieAt(cutoff);
  const { rows } = await client.query<Truth>(
    `with /* muster */ every as materialized (
       select ${key}::text as id, ${column} ${operator} $1 as distance from ${table} where ${workspace} = $2
     )
     select (select count(*)::int from every where ${WITHIN}) as rows,
       (select max(distance) from (select distance from every where ${WITHIN} order by distance limit $3) nearest) as farthest,
       coalesce((select array_agg(distance) from every where id = any($4::text[])), '{}') as distances`,
    [vector, tenant, limit, ids, reach],
  );
  return rows[0] ?? { rows: 0, farthest: null, distances: [] };
}

export interface Recall {
  readonly found: number;
  readonly of: number;
}

/** How many of the nearest were found; equal distances count whichever row it was. */
export function recallOf({ rows, farthest, distances }: Truth, limit: number): Recall {
  const of = Math.min(rows, limit);
  if (farthest === null) return { found: 0, of: 0 };
  const reach = farthest + tieAt(farthest);
  return { found: Math.min(of, distances.filter((distance) => distance <= reach).length), of };
}
