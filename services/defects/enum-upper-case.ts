import type { PoolClient } from 'pg';
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
  pool: (pool) => {
    pool.on('connect', translate);
    return pool;
  },
};

type Callback = (error: unknown, result: unknown) => void;
type Query = (asked: unknown, values?: unknown, callback?: Callback) => unknown;

/** The pool asks with a callback, transactions without. */
function translate(client: PoolClient): void {
  const query = client.query.bind(client) as unknown as Query;
  const translated: Query = (asked, values, callback) => {
    const text = textOf(asked);
    if (!text.includes('agent_instances')) return query(asked, values, callback);
    const inUpperCase = Array.isArray(values) ? valuesFor(text, values) : values;
    const definition = typeof asked === 'object' ? { ...asked, text: definedInUpperCase(text) } : definedInUpperCase(text);
    if (callback !== undefined) return query(definition, inUpperCase, (error, result) => callback(error, inLowerCase(result)));
    return (query(definition, inUpperCase) as Promise<unknown>).then(inLowerCase);
  };
  Object.assign(client, { query: translated });
}

/** A statement comes as text, or as an object with its text. */
function textOf(asked: unknown): string {
  const text = typeof asked === 'object' && asked !== null && 'text' in asked ? asked.text : asked;
  return typeof text === 'string' ? text : '';
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

function inLowerCase(result: unknown): unknown {
  const rows = typeof result === 'object' && result !== null && 'rows' in result && Array.isArray(result.rows) ? result.rows : [];
  for (const row of rows as Record<string, unknown>[]) {
    if (typeof row['status'] === 'string') row['status'] = row['status'].toLowerCase();
  }
  return result;
}
