import type { Pool, PoolClient } from 'pg';
import type { Seams } from '../gateway/seams.ts';

const DEFINITION = /(type agent_status as enum \()([^)]*)(\))/;
const DEFAULT = /(status agent_status not null default )('\w+')/;
const INSERT = /insert into agent_instances \(([^)]*)\)/;
const UPDATE = /update agent_instances set .*\bstatus = \$(\d+)/s;

/**
 * As a mapping layer does that stores the names of an enumeration's members instead of their values. It translates both ways, so
 * that only those who look into the database themselves see other labels.
 */
export const ENUM_UPPER_CASE: Partial<Seams> = {
  pool: (pool) => mapping(pool),
};

function mapping<Connection extends Pool | PoolClient>(connection: Connection): Connection {
  return new Proxy(connection, {
    get: (target, property) => {
      if (property === 'query') return (text: unknown, ...rest: unknown[]) => mappedQuery(target, text, rest);
      if (property === 'connect') return async () => mapping((await target.connect()) as unknown as PoolClient);
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

type Query = (text: unknown, ...rest: unknown[]) => Promise<{ readonly rows: Record<string, unknown>[] }>;

async function mappedQuery(target: Pool | PoolClient, text: unknown, rest: readonly unknown[]): Promise<unknown> {
  const query = target.query.bind(target) as unknown as Query;
  if (typeof text !== 'string' || !text.includes('agent_instances')) return query(text, ...rest);
  const [values, ...others] = rest;
  const result = await query(definedInUpperCase(text), ...(Array.isArray(values) ? [valuesFor(text, values), ...others] : rest));
  for (const row of Array.isArray(result) ? [] : result.rows) {
    if (typeof row['status'] === 'string') row['status'] = row['status'].toLowerCase();
  }
  return result;
}

function definedInUpperCase(text: string): string {
  return text
    .replace(DEFINITION, (_, before: string, labels: string, after: string) => before + labels.toUpperCase() + after)
    .replace(DEFAULT, (_, before: string, label: string) => before + label.toUpperCase());
}

function valuesFor(text: string, values: readonly unknown[]): readonly unknown[] {
  const columns = INSERT.exec(text)?.[1]
    ?.split(',')
    .map((column) => column.trim());
  const place = columns?.indexOf('status') ?? Number(UPDATE.exec(text)?.[1] ?? 0) - 1;
  return values.map((value, index) => (index === place && typeof value === 'string' ? value.toUpperCase() : value));
}
