import { requestScope } from '../../shared/request-scope.ts';
import type { Sql } from '../database/pool.ts';

/** One thing that somebody did; who, and in which request, is known from the request itself. */
export interface AuditEntry {
  /** `agent.created`, `task.failed`: what was done to which kind of thing. */
  readonly action: string;
  /** null for what belongs to no workspace. */
  readonly workspaceId: string | null;
  /** Id of the thing. */
  readonly subject: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export interface Audit {
  /** Writes the entry into the transaction of the change it tells about: both happen or neither does. */
  append(sql: Sql, entry: AuditEntry): Promise<void>;
}

const APPEND = `insert into audit_logs (event_type, workspace_id, subject, actor, request_id, details) values ($1, $2, $3, $4, $5, $6)`;

export const AUDIT: Audit = {
  append: async (sql, { action, workspaceId, subject, details = {} }) => {
    const scope = requestScope();
    await sql.query(APPEND, [
      action,
      workspaceId,
      subject,
      scope?.actor.name ?? 'system',
      scope?.requestId ?? null,
      JSON.stringify(details),
    ]);
  },
};
