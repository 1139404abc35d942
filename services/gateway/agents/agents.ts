import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { appendEvent } from '../events/outbox.ts';
import { ensureWorkspace } from '../workspace.ts';
import type { AgentLocks } from './locks.ts';
import type { AgentStatus, TransitionTable } from './status.ts';

export interface Agent {
  readonly id: string;
  readonly workspace_id: string;
  readonly project_id: string;
  readonly definition_slug: string;
  readonly name: string;
  readonly status: AgentStatus;
  readonly config: unknown;
  readonly version: number;
  readonly last_heartbeat_at: Date | null;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface NewAgent {
  readonly definition_id?: string | undefined;
  readonly definition_slug?: string | undefined;
  readonly name?: string | undefined;
  readonly project_id?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly activate?: boolean | undefined;
}

export interface AgentPatch {
  readonly name?: string | undefined;
  readonly config?: Readonly<Record<string, unknown>> | undefined;
  readonly status?: AgentStatus | undefined;
}

export interface Agents {
  definitions(): Promise<readonly unknown[]>;
  list(workspaceId: string, projectId: string | undefined): Promise<readonly Agent[]>;
  /** @throws ServiceError not_found (definition, project) or concurrency_limit (the project has its ten). */
  create(workspaceId: string, input: NewAgent): Promise<Agent>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<Agent>;
  /** Changes what is given; config is merged. @throws ServiceError not_found, invalid_transition or validation_failed (config too large); then nothing is changed. */
  patch(workspaceId: string, id: string, patch: AgentPatch): Promise<Agent>;
  heartbeat(workspaceId: string, id: string): Promise<Agent>;
}

export interface AgentsDeps {
  readonly pool: Pool;
  readonly transitions: TransitionTable;
  readonly locks: AgentLocks;
  readonly audit: Audit;
  /** Called after each commit that wrote an event. */
  readonly committed: () => void;
}

const CAP_PER_PROJECT = 10;
const MAX_CONFIG_BYTES = 128 * 1024;
/** Names of changed config keys that an audit entry lists. */
const MAX_AUDITED_KEYS = 50;
const COLUMNS = `a.id, a.workspace_id, a.project_id, d.slug as definition_slug, a.name, a.status, a.config, a.version,
  a.last_heartbeat_at, a.created_at, a.updated_at`;
const SELECT = `select ${COLUMNS} from agent_instances a join agent_definitions d on d.id = a.definition_id`;

export function createAgents({ pool, transitions, locks, audit, committed }: AgentsDeps): Agents {
  const changing = async (work: (sql: Sql) => Promise<Agent>): Promise<Agent> => {
    const agent = await inTransaction(pool, work);
    committed();
    return agent;
  };
  return {
    definitions: async () =>
      (await pool.query<Record<string, unknown>>('select id, slug, title, capabilities from agent_definitions order by slug')).rows,
    list: async (workspaceId, projectId) => {
      const where = 'where a.workspace_id = $1 and ($2::uuid is null or a.project_id = $2) order by a.created_at, a.id limit 500';
      return (await pool.query<Agent>(`${SELECT} ${where}`, [workspaceId, projectId ?? null])).rows;
    },
    get: (workspaceId, id) => read(pool, workspaceId, id),
    create: async (workspaceId, input) => {
      await ensureWorkspace(pool, workspaceId);
      return changing((sql) => insertAgent(sql, { locks, audit, workspaceId, input }));
    },
    patch: (workspaceId, id, patch) => changing((sql) => applyPatch(sql, { workspaceId, id, patch, transitions, locks, audit })),
    heartbeat: async (workspaceId, id) => {
      const beat = 'update agent_instances set last_heartbeat_at = now(), updated_at = now() where id = $1 and workspace_id = $2';
      if ((await pool.query(beat, [id, workspaceId])).rowCount !== 1) throw noAgent(id);
      return read(pool, workspaceId, id);
    },
  };
}

export function noAgent(id: string): ServiceError {
  return new ServiceError('not_found', `no agent has the id ${id}`);
}

async function read(sql: Sql, workspaceId: string, id: string): Promise<Agent> {
  const { rows } = await sql.query<Agent>(`${SELECT} where a.id = $1 and a.workspace_id = $2`, [id, workspaceId]);
  const [agent] = rows;
  if (agent === undefined) throw noAgent(id);
  return agent;
}

interface InsertArgs {
  readonly locks: AgentLocks;
  readonly audit: Audit;
  readonly workspaceId: string;
  readonly input: NewAgent;
}

async function insertAgent(sql: Sql, { locks, audit, workspaceId, input }: InsertArgs): Promise<Agent> {
  const projectId = input.project_id ?? workspaceId;
  const taken = await locks.count(sql, { workspaceId, projectId });
  if (taken === null) throw new ServiceError('not_found', `the workspace has no project ${projectId}`);
  const definitionId = await definitionOf(sql, input);
  if (taken >= CAP_PER_PROJECT) {
    throw new ServiceError('concurrency_limit', `the project has ${CAP_PER_PROJECT} agents, which is the limit`);
  }
  const id = randomUUID();
  const status: AgentStatus = input.activate === true ? 'active' : 'idle';
  await sql.query(
    `insert into agent_instances (id, workspace_id, project_id, definition_id, name, status, config) values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, workspaceId, projectId, definitionId, input.name ?? `agent-${id.slice(0, 8)}`, status, JSON.stringify(input.config ?? {})],
  );
  await audit.append(sql, { action: 'agent.created', workspaceId, subject: id, details: { status, project_id: projectId } });
  const created = await read(sql, workspaceId, id);
  await appendEvent(sql, { workspaceId, type: 'agent_activity', agentId: id, data: { action: 'created', status } });
  return created;
}

async function definitionOf(sql: Sql, input: NewAgent): Promise<string> {
  const { rows } = await sql.query<{ id: string }>('select id from agent_definitions where id = $1 or slug = $2', [
    input.definition_id ?? null,
    input.definition_slug ?? null,
  ]);
  const [row] = rows;
  if (row === undefined) throw new ServiceError('not_found', `no agent definition "${input.definition_slug ?? input.definition_id ?? ''}"`);
  return row.id;
}

interface PatchArgs {
  readonly workspaceId: string;
  readonly id: string;
  readonly patch: AgentPatch;
  readonly transitions: TransitionTable;
  readonly locks: AgentLocks;
  readonly audit: Audit;
}

async function applyPatch(sql: Sql, { workspaceId, id, patch, transitions, locks, audit }: PatchArgs): Promise<Agent> {
  const from = await locks.status(sql, workspaceId, id);
  if (from === undefined) throw noAgent(id);
  const to = patch.status ?? from;
  const moves = to !== from;
  if (moves && !transitions[from].includes(to)) {
    throw new ServiceError('invalid_transition', `an agent that is ${from} cannot become ${to}`, {
      details: { from, to, allowed: transitions[from] },
    });
  }
  if (!moves && patch.name === undefined && patch.config === undefined) return read(sql, workspaceId, id);
  await writePatch(sql, id, { ...patch, status: to });
  const patched = await read(sql, workspaceId, id);
  await reportPatch(sql, audit, { workspaceId, agentId: id, patch, from, to });
  return patched;
}

/** Config is merged, so it is the sum that is bounded. @throws ServiceError validation_failed. */
async function writePatch(sql: Sql, id: string, { name, config, status }: AgentPatch): Promise<void> {
  const { rows } = await sql.query<{ bytes: number }>(
    `update agent_instances set name = coalesce($2, name), config = config || $3, status = $4, version = version + 1, updated_at = now()
     where id = $1 returning octet_length(config::text) as bytes`,
    [id, name ?? null, JSON.stringify(config ?? {}), status],
  );
  const bytes = rows[0]?.bytes ?? 0;
  if (config === undefined || bytes <= MAX_CONFIG_BYTES) return;
  throw new ServiceError('validation_failed', `the config would have ${bytes} bytes; at most ${MAX_CONFIG_BYTES} are kept`);
}

interface Patched {
  readonly workspaceId: string;
  readonly agentId: string;
  readonly patch: AgentPatch;
  readonly from: AgentStatus;
  readonly to: AgentStatus;
}

/** Audit entry and event of a patch that changed something. */
export async function reportPatch(sql: Sql, audit: Audit, { workspaceId, agentId, patch, from, to }: Patched): Promise<void> {
  const moved = to !== from;
  const changed = { name: patch.name !== undefined, config: Object.keys(patch.config ?? {}).slice(0, MAX_AUDITED_KEYS) };
  await audit.append(sql, {
    action: moved ? 'agent.status_changed' : 'agent.updated',
    workspaceId,
    subject: agentId,
    details: { ...(moved ? { from, to } : {}), changed },
  });
  const data = { previous_status: from, status: to, error: null, source_ts: new Date().toISOString() };
  if (moved) await appendEvent(sql, { workspaceId, type: 'agent_status_changed', agentId, data });
  else await appendEvent(sql, { workspaceId, type: 'agent_activity', agentId, data: { action: 'updated' } });
}
