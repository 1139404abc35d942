import type { Pool } from 'pg';

export interface AuditRecord {
  readonly id: string;
  readonly event_type: string;
  readonly workspace_id: string | null;
  readonly subject: string | null;
  readonly actor: string;
  readonly request_id: string | null;
  readonly details: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

export interface SecurityRecord {
  readonly id: string;
  readonly event_type: string;
  readonly address: string | null;
  readonly actor: string | null;
  readonly workspace_id: string | null;
  readonly request_id: string | null;
  readonly reason: string;
  readonly occurrences: number;
  readonly first_at: Date;
  readonly at: Date;
}

export interface TrailQuery {
  /** null for all of them. */
  readonly workspaceId: string | null;
  /** RFC 3339; older entries are left out. */
  readonly since: string | undefined;
  /** Id of the last entry of the page before. */
  readonly cursor: string | undefined;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly next_cursor: string | null;
}

export interface Trails {
  /** Newest first. */
  audit(query: TrailQuery): Promise<Page<AuditRecord>>;
  /** Newest first. */
  security(query: TrailQuery): Promise<Page<SecurityRecord>>;
  /** Removes what is older than it has to be kept; at most 20 batches of 1000 per table and call. @returns how many rows went. */
  expire(keepDays: number): Promise<number>;
}

const AUDIT_COLUMNS = 'id::text, event_type, workspace_id, subject, actor, request_id, details, at';
const SECURITY_COLUMNS = 'id::text, event_type, address, actor, workspace_id, request_id, reason, occurrences, first_at, at';
const BATCH = 1000;
const BATCHES = 20;

export function createTrails(pool: Pool): Trails {
  return {
    audit: (query) => page<AuditRecord>(pool, `select ${AUDIT_COLUMNS} from audit_logs as trail`, query),
    security: (query) => page<SecurityRecord>(pool, `select ${SECURITY_COLUMNS} from security_events as trail`, query),
    expire: async (keepDays) => (await expire(pool, 'audit_logs', keepDays)) + (await expire(pool, 'security_events', keepDays)),
  };
}

async function page<T extends { readonly id: string }>(pool: Pool, select: string, query: TrailQuery): Promise<Page<T>> {
  const { workspaceId, since, cursor, limit } = query;
  const { rows } = await pool.query<T>(
    `${select} where ($1::uuid is null or workspace_id = $1) and ($2::timestamptz is null or at >= $2)
     and ($3::bigint is null or id < $3) order by trail.id desc limit $4`,
    [workspaceId, since ?? null, cursor ?? null, limit + 1],
  );
  const items = rows.slice(0, limit);
  return { items, next_cursor: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}

async function expire(pool: Pool, table: 'audit_logs' | 'security_events', keepDays: number): Promise<number> {
  let removed = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const { rowCount } = await pool.query(
      `delete from ${table} where id in (
         select id from ${table} where at < now() - make_interval(days => $1) order by at limit ${BATCH} for update skip locked)`,
      [keepDays],
    );
    removed += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) break;
  }
  return removed;
}
