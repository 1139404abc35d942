import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import { noAgent } from '../agents/agents.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { inWorkspace } from '../database/workspace-transaction.ts';
import { appendEvent } from '../events/outbox.ts';

export type ContextData = Readonly<Record<string, unknown>>;

/** What an agent keeps under a name: the newest of its versions. */
export interface Context {
  readonly id: string;
  readonly agent_id: string;
  readonly name: string;
  readonly data: ContextData;
  /** 1 for the first one, without gaps. */
  readonly version: number;
  readonly change_description: string | null;
  readonly created_by: string;
  /** Of the first version. */
  readonly created_at: Date;
  readonly updated_at: Date;
}

/** One version; none is ever changed. */
export interface ContextVersion extends Pick<Context, 'version' | 'data' | 'change_description' | 'created_by' | 'created_at'> {
  readonly context_id: string;
}

/** Which context is meant. */
export interface ContextKey {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly name: string;
}

export interface ContextWrite extends ContextKey {
  readonly data: ContextData;
  /** The version that the writer has seen, 0 for none; undefined writes over whatever is there. */
  readonly expectedVersion?: number | undefined;
  readonly changeDescription?: string | undefined;
  readonly createdBy: string;
  /** The same key for the same context writes once, however often it is sent. */
  readonly idempotencyKey?: string | undefined;
}

export interface ContextRollback extends ContextKey {
  readonly targetVersion: number;
  readonly createdBy: string;
}

export interface VersionQuery extends ContextKey {
  readonly limit: number;
  /** Only versions before this one. */
  readonly before?: number | undefined;
}

export interface Contexts {
  /** @throws ServiceError not_found (agent, or nothing was written under the name). */
  get(key: ContextKey): Promise<Context>;
  /** @throws ServiceError not_found (agent), version_conflict, or idempotency_conflict; and then nothing is written. */
  write(write: ContextWrite): Promise<Context>;
  /** Writes the data of an earlier version as a new one. @throws ServiceError not_found or unknown_version. */
  rollback(rollback: ContextRollback): Promise<Context>;
  /** Newest first. @throws ServiceError not_found. */
  versions(query: VersionQuery): Promise<readonly ContextVersion[]>;
}

export interface ContextsDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  /** Called after each commit that wrote an event. */
  readonly committed: () => void;
}

const VERSION_COLUMNS = 'context_id, version, data, change_description, created_by, created_at';

export function createContexts({ pool, audit, committed }: ContextsDeps): Contexts {
  const changing = async ({ workspaceId }: ContextKey, work: (sql: Sql) => Promise<Context>): Promise<Context> => {
    const context = await inWorkspace(pool, workspaceId, work);
    committed();
    return context;
  };
  return {
    get: (key) => inWorkspace(pool, key.workspaceId, (sql) => read(sql, key)),
    write: (write) =>
      changing(write, async (sql) => {
        const head = await lockHead(sql, write);
        const repeated = await replayed(sql, head, write);
        if (repeated !== null) return repeated;
        requireVersion(head, write);
        return addVersion(sql, audit, head, { ...write, action: 'context.updated', changeDescription: write.changeDescription ?? null });
      }),
    rollback: (rollback) =>
      changing(rollback, async (sql) => {
        const head = await lockHead(sql, rollback);
        const data = await dataOf(sql, head, rollback);
        const changeDescription = `rolled back to version ${rollback.targetVersion}`;
        return addVersion(sql, audit, head, { ...rollback, data, action: 'context.rolled_back', changeDescription });
      }),
    versions: (query) => inWorkspace(pool, query.workspaceId, (sql) => readVersions(sql, query)),
  };
}

async function read(sql: Sql, key: ContextKey): Promise<Context> {
  return readAt(sql, key, null);
}

/** The context as it is (null) or as one of its versions left it. */
async function readAt(sql: Sql, key: ContextKey, version: number | null): Promise<Context> {
  const { rows } = await sql.query<Context>(
    `select c.id, c.instance_id as agent_id, c.name, v.data, v.version, v.change_description, v.created_by, c.created_at,
       v.created_at as updated_at
     from agent_contexts c join agent_context_versions v on v.context_id = c.id and v.version = coalesce($4, c.version)
     where c.workspace_id = $1 and c.instance_id = $2 and c.name = $3`,
    [key.workspaceId, key.agentId, key.name, version],
  );
  const [context] = rows;
  if (context !== undefined) return context;
  await requireAgent(sql, key);
  throw new ServiceError('not_found', `the agent has no context "${key.name}"`);
}

async function readVersions(sql: Sql, query: VersionQuery): Promise<readonly ContextVersion[]> {
  const { id } = await read(sql, query);
  const { rows } = await sql.query<ContextVersion>(
    `select ${VERSION_COLUMNS} from agent_context_versions
     where workspace_id = $1 and context_id = $2 and ($3::int is null or version < $3) order by version desc limit $4`,
    [query.workspaceId, id, query.before ?? null, query.limit],
  );
  return rows;
}

async function requireAgent(sql: Sql, { workspaceId, agentId }: ContextKey): Promise<void> {
  const { rowCount } = await sql.query('select from agent_instances where id = $1 and workspace_id = $2', [agentId, workspaceId]);
  if (rowCount === 0) throw noAgent(agentId);
}

interface Head {
  readonly id: string;
  /** 0 for a context that this transaction makes. */
  readonly version: number;
}

/** Makes the context if there is none and locks it: from here on nobody else writes it. */
async function lockHead(sql: Sql, key: ContextKey): Promise<Head> {
  await sql.query(
    `insert into agent_contexts (id, workspace_id, instance_id, name)
     select $1, workspace_id, id, $4 from agent_instances where workspace_id = $2 and id = $3 on conflict do nothing`,
    [randomUUID(), key.workspaceId, key.agentId, key.name],
  );
  const { rows } = await sql.query<Head>(
    'select id, version from agent_contexts where workspace_id = $1 and instance_id = $2 and name = $3 for update',
    [key.workspaceId, key.agentId, key.name],
  );
  const [head] = rows;
  if (head === undefined) throw noAgent(key.agentId);
  return head;
}

/** What the first request with the same key wrote; null when there was none. */
async function replayed(sql: Sql, head: Head, write: ContextWrite): Promise<Context | null> {
  if (write.idempotencyKey === undefined) return null;
  const { rows } = await sql.query<{ version: number; same: boolean }>(
    `select version, data = $4::jsonb as same from agent_context_versions
     where workspace_id = $1 and context_id = $2 and idempotency_key = $3`,
    [write.workspaceId, head.id, write.idempotencyKey, JSON.stringify(write.data)],
  );
  const [row] = rows;
  if (row === undefined) return null;
  if (!row.same) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for other data');
  return readAt(sql, write, row.version);
}

function requireVersion(head: Head, { name, expectedVersion: expected }: ContextWrite): void {
  if (expected === undefined || expected === head.version) return;
  throw new ServiceError('version_conflict', `the context "${name}" is at version ${head.version}, not ${expected}`, {
    details: { expected, current: head.version },
  });
}

async function dataOf(sql: Sql, head: Head, { workspaceId, name, targetVersion }: ContextRollback): Promise<ContextData> {
  if (head.version === 0) throw new ServiceError('not_found', `the agent has no context "${name}"`);
  const { rows } = await sql.query<Pick<ContextVersion, 'data'>>(
    'select data from agent_context_versions where workspace_id = $1 and context_id = $2 and version = $3',
    [workspaceId, head.id, targetVersion],
  );
  const [row] = rows;
  if (row !== undefined) return row.data;
  throw new ServiceError('unknown_version', `the context "${name}" has no version ${targetVersion}; it is at ${head.version}`, {
    details: { target_version: targetVersion, current: head.version },
  });
}

interface NewVersion extends ContextKey {
  readonly data: ContextData;
  readonly action: 'context.updated' | 'context.rolled_back';
  readonly changeDescription: string | null;
  readonly createdBy: string;
  readonly idempotencyKey?: string | undefined;
}

async function addVersion(sql: Sql, audit: Audit, head: Head, added: NewVersion): Promise<Context> {
  const { workspaceId, agentId, name, changeDescription } = added;
  const version = head.version + 1;
  await sql.query(
    `insert into agent_context_versions (workspace_id, context_id, version, data, change_description, created_by, idempotency_key)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [workspaceId, head.id, version, JSON.stringify(added.data), changeDescription, added.createdBy, added.idempotencyKey ?? null],
  );
  await sql.query('update agent_contexts set version = $3 where workspace_id = $1 and id = $2', [workspaceId, head.id, version]);
  await audit.append(sql, { action: added.action, workspaceId, subject: head.id, details: { agent_id: agentId, name, version } });
  const written = await readAt(sql, added, version);
  await appendEvent(sql, {
    workspaceId,
    type: 'agent_context_updated',
    agentId,
    data: {
      context_id: head.id,
      context_name: name,
      version,
      previous_version: head.version,
      change_description: changeDescription,
      source_ts: new Date().toISOString(),
    },
  });
  return written;
}
