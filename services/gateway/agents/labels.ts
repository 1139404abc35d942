import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import { noAgent } from './agents.ts';

export interface LabelledAgent {
  readonly workspaceId: string;
  readonly agentId: string;
}

export interface Labels {
  /** In alphabetical order. @throws ServiceError not_found. */
  list(agent: LabelledAgent): Promise<readonly string[]>;
  /** Adds one that may be there; answers with all. @throws ServiceError not_found, or conflict when the agent has as many as it may have. */
  add(agent: LabelledAgent, label: string): Promise<readonly string[]>;
}

const MOST_LABELS = 256;

export function createLabels({ pool, audit }: { readonly pool: Pool; readonly audit: Audit }): Labels {
  return {
    list: async (agent) => {
      await requireAgent(pool, agent);
      return labelsOf(pool, agent.agentId);
    },
    add: (agent, label) => inTransaction(pool, (sql) => addLabel(sql, audit, agent, label)),
  };
}

async function addLabel(sql: Sql, audit: Audit, agent: LabelledAgent, label: string): Promise<readonly string[]> {
  // Whoever adds next counts what is added here.
  await requireAgent(sql, agent, 'for no key update');
  const { rowCount } = await sql.query('insert into agent_labels (agent_id, label) values ($1, $2) on conflict do nothing', [
    agent.agentId,
    label,
  ]);
  const labels = await labelsOf(sql, agent.agentId);
  if (labels.length > MOST_LABELS) throw new ServiceError('conflict', `the agent has ${MOST_LABELS} labels, which is the limit`);
  if (rowCount === 1) await reportLabel(sql, audit, agent, label);
  return labels;
}

export function reportLabel(sql: Sql, audit: Audit, { workspaceId, agentId }: LabelledAgent, label: string): Promise<void> {
  return audit.append(sql, { action: 'agent.labelled', workspaceId, subject: agentId, details: { label } });
}

export async function requireAgent(sql: Sql, { workspaceId, agentId }: LabelledAgent, lock = ''): Promise<void> {
  const { rowCount } = await sql.query(`select from agent_instances where id = $1 and workspace_id = $2 ${lock}`, [agentId, workspaceId]);
  if (rowCount === 0) throw noAgent(agentId);
}

export async function labelsOf(sql: Sql, agentId: string): Promise<readonly string[]> {
  const { rows } = await sql.query<{ label: string }>('select label from agent_labels where agent_id = $1 order by label', [agentId]);
  return rows.map(({ label }) => label);
}
