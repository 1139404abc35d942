import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import type { Memory, MemoryCaller, NewMemory } from './memories.ts';
import { VISIBLE } from './search.ts';

const COLUMNS = 'id, content, importance, tags, access, owner, created_at';

export interface Insertion {
  readonly caller: MemoryCaller;
  readonly memory: NewMemory;
  readonly key: string | null;
  readonly vector: string;
}

export async function insertMemory(
  sql: Sql,
  audit: Audit,
  insertion: Insertion,
): Promise<{ readonly memory: Memory; readonly created: boolean }> {
  const { caller, memory, key, vector } = insertion;
  const { rows } = await sql.query<Memory>(
    `insert into memories (id, workspace_id, owner, content, importance, tags, access, idempotency_key, embedding)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::vector) on conflict (workspace_id, idempotency_key) do nothing returning ${COLUMNS}`,
    [randomUUID(), caller.workspaceId, caller.owner, memory.content, memory.importance, memory.tags, memory.access, key, vector],
  );
  const [stored] = rows;
  if (stored === undefined) return { memory: await replayed(sql, insertion), created: false };
  await audit.append(sql, { action: 'memory.stored', workspaceId: caller.workspaceId, subject: stored.id });
  return { memory: stored, created: true };
}

/** What the first request with this key stored. */
async function replayed(sql: Sql, { caller, memory, key }: Insertion): Promise<Memory> {
  const { rows } = await sql.query<Memory>(
    `select ${COLUMNS} from memories where workspace_id = $1 and ${VISIBLE} and idempotency_key = $3 and content = $4
       and importance = $5 and tags = $6 and access = $7`,
    [caller.workspaceId, caller.owner, key, memory.content, memory.importance, memory.tags, memory.access],
  );
  const [stored] = rows;
  if (stored === undefined) throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another memory');
  return stored;
}

export async function removeMemory(sql: Sql, audit: Audit, caller: MemoryCaller, id: string): Promise<Memory> {
  const { rows } = await sql.query<Memory>(`delete from memories where workspace_id = $1 and ${VISIBLE} and id = $3 returning ${COLUMNS}`, [
    caller.workspaceId,
    caller.owner,
    id,
  ]);
  const memory = one(rows, id);
  await audit.append(sql, { action: 'memory.removed', workspaceId: caller.workspaceId, subject: id });
  return memory;
}

function one(rows: readonly Memory[], id: string): Memory {
  const [memory] = rows;
  if (memory === undefined) throw new ServiceError('not_found', `no memory has the id "${id}"`);
  return memory;
}

export async function latestMemories(sql: Sql, { workspaceId, owner }: MemoryCaller, limit: number): Promise<readonly Memory[]> {
  const { rows } = await sql.query<Memory>(
    `select ${COLUMNS} from memories where workspace_id = $1 and ${VISIBLE} order by created_at desc limit $3`,
    [workspaceId, owner, limit],
  );
  return rows;
}

/** @throws ServiceError not_found. */
export async function readMemory(sql: Sql, { workspaceId, owner }: MemoryCaller, id: string): Promise<Memory> {
  const { rows } = await sql.query<Memory>(`select ${COLUMNS} from memories where workspace_id = $1 and ${VISIBLE} and id = $3`, [
    workspaceId,
    owner,
    id,
  ]);
  return one(rows, id);
}
