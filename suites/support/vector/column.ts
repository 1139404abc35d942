import { escapeIdentifier, type Client } from 'pg';
import { NotMeasured, type SuiteRun } from '../../../harness/index.ts';

export type VectorBinding = NonNullable<SuiteRun['spec']['bindings']['vector']>;

export interface VectorColumn {
  readonly dimensions: number;
  /** Quoted. */
  readonly column: string;
  readonly key: string;
  readonly workspace: string;
  readonly indexes: readonly VectorIndex[];
}

/** An index that can yield the rows of a table by distance. */
export interface VectorIndex {
  readonly name: string;
  readonly method: string;
  readonly operatorClass: string;
  /** The operators of distance that it can order by. */
  readonly operators: readonly string[];
  readonly valid: boolean;
}

/** Vector types keep their number of dimensions as the type's modifier. */
const COLUMN = `select a.atttypmod as dimensions from pg_attribute a where a.attrelid = to_regclass($1) and a.attname = $2 and not a.attisdropped`;

const INDEXES = `
  select c.relname as name, am.amname as method, opc.opcname as "operatorClass", i.indisvalid as valid,
    array(select distinct o.oprname::text from pg_amop ao join pg_operator o on o.oid = ao.amopopr
      where ao.amopfamily = opc.opcfamily and ao.amoppurpose = 'o' order by 1) as operators
  from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_am am on am.oid = c.relam
    cross join lateral unnest(i.indclass::oid[]) with ordinality as k (class, place)
    join pg_opclass opc on opc.oid = k.class
  where i.indrelid = to_regclass($1) and pg_get_indexdef(i.indexrelid, k.place::int, true) ~ ('\\m' || $2 || '\\M')
    and exists (select from pg_amop ao where ao.amopfamily = opc.opcfamily and ao.amoppurpose = 'o')
  order by 1`;

/** @throws NotMeasured when this database has no vectors, or none there. */
export async function vectorColumn(client: Client, { table, column, key, workspace }: VectorBinding): Promise<VectorColumn> {
  const { rowCount } = await client.query(`select from pg_extension where extname = 'vector'`);
  if (rowCount === 0)
    throw new NotMeasured(
      'the database has no extension `vector`, so that nothing can be searched by distance: install pgvector on the server, and `create extension vector` in the database',
    );
  const { rows } = await client.query<{ readonly dimensions: number }>(COLUMN, [table, column]);
  const [found] = rows;
  if (found === undefined) throw new NotMeasured(`the database has no column \`${table}.${column}\`, which \`vector\` binds`);
  if (found.dimensions < 1)
    throw new NotMeasured(
      `\`${table}.${column}\` does not say how many dimensions its vectors have, so that none can be made to search by`,
    );
  const indexes = await client.query<VectorIndex>(INDEXES, [table, column]);
  return {
    dimensions: found.dimensions,
    column: escapeIdentifier(column),
    key: escapeIdentifier(key),
    workspace: escapeIdentifier(workspace),
    indexes: indexes.rows,
  };
}

/** Whether any of the indexes can answer searches by that operator; null without an index. */
export function servesOperator(indexes: readonly VectorIndex[], operator: string): { readonly ok: boolean; readonly note: string } | null {
  if (indexes.length === 0) return null;
  const said = indexes.map(({ name, method, operatorClass, operators, valid }) =>
    [`${name} (${method}, ${operatorClass}) orders by ${operators.join(', ')}`, valid ? '' : ' and is not valid'].join(''),
  );
  const serves = indexes.some(({ operators, valid }) => valid && operators.includes(operator));
  return { ok: serves, note: `searches order by ${operator}; ${said.join('; ')}` };
}
