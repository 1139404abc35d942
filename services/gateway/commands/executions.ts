import { randomUUID } from 'node:crypto';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { lockWorkflow, moveWorkflow, tellWatchers } from '../workflows/change.ts';
import { insertWorkflow } from '../workflows/create.ts';
import { WORKFLOW_TRANSITIONS } from '../workflows/states.ts';
import type { Workflow } from '../workflows/workflow.ts';
import type { Command, Decision, Execution, NewExecution } from './command.ts';
import { COMMAND_COLUMNS } from './rows.ts';

type Approval = 'not_required' | 'waiting' | 'approved' | 'rejected';

const SELECT = `select e.id as execution_id, e.workspace_id, c.name as command, c.version, e.workflow_id, e.requested_by, e.decided_by, e.decided_at,
    w.error, e.created_at, w.finished_at,
    case when e.approval = 'waiting' and w.status = 'created' then 'approval_required' when e.approval = 'rejected' then 'rejected' else w.status end as status
  from command_executions e join commands c on c.id = e.command_id join workflows w on w.id = e.workflow_id`;

/** @throws ServiceError not_found. */
export async function readExecution(sql: Sql, workspaceId: string, id: string): Promise<Execution> {
  const { rows } = await sql.query<Execution>(`${SELECT} where e.id = $1 and e.workspace_id = $2`, [id, workspaceId]);
  const [execution] = rows;
  if (execution === undefined) throw noExecution(id);
  return execution;
}

/** Execution and workflow are made together; without an approval the workflow stays `created`, which no runner takes up. */
export async function insertExecution(
  sql: Sql,
  audit: Audit,
  input: NewExecution,
): Promise<{ readonly execution: Execution; readonly created: boolean }> {
  const { workspaceId, idempotencyKey, by } = input;
  // The lock makes a repeated request wait for the first one, and then find what it made.
  const command = await lockCommand(sql, input);
  const before = idempotencyKey === null ? null : await madeBefore(sql, input, idempotencyKey);
  if (before !== null) return { execution: before, created: false };
  const waits = command.policy.requires_approval;
  const { name, strategy, steps: tasks } = command;
  const made = await insertWorkflow(sql, audit, { workspaceId, name, strategy, tasks, idempotencyKey: null }, waits ? 'created' : 'ready');
  const id = randomUUID();
  const approval: Approval = waits ? 'waiting' : 'not_required';
  await sql.query(
    `insert into command_executions (id, workspace_id, command_id, workflow_id, approval, requested_by, idempotency_key)
     values ($1, $2, $3, $4, $5, $6, $7)`,
    [id, workspaceId, command.id, made.workflow.id, approval, by, idempotencyKey],
  );
  await audit.append(sql, { action: 'command.executed', workspaceId, subject: id, details: { command: name, by, approval } });
  const execution = await readExecution(sql, workspaceId, id);
  if (waits) await tellWatchers(sql, made.workflow, { type: 'approval_required', execution_id: id, requested_by: by });
  return { execution, created: true };
}

/** @throws ServiceError not_found, forbidden or invalid_transition. */
export async function decideExecution(sql: Sql, audit: Audit, { workspaceId, id, verdict, by }: Decision): Promise<Execution> {
  const { execution, workflow, approval } = await lockExecution(sql, workspaceId, id);
  if (approval !== 'waiting' || workflow.status !== 'created') throw notPossible(execution, verdict, []);
  if (by === execution.requested_by) throw new ServiceError('forbidden', `"${by}" asked for the execution; somebody else must decide`);
  await sql.query('update command_executions set approval = $2, decided_by = $3, decided_at = now() where id = $1', [id, verdict, by]);
  await audit.append(sql, { action: `command.${verdict}`, workspaceId, subject: id, details: { by } });
  const moved = await moveWorkflow(sql, audit, workflow, { to: verdict === 'approved' ? 'ready' : 'cancelled' });
  await tellWatchers(sql, moved, { type: verdict, execution_id: id, decided_by: by });
  return readExecution(sql, workspaceId, id);
}

/** @throws ServiceError not_found or invalid_transition. */
export async function cancelExecution(sql: Sql, audit: Audit, workspaceId: string, id: string): Promise<Execution> {
  const { execution, workflow } = await lockExecution(sql, workspaceId, id);
  const allowed = WORKFLOW_TRANSITIONS[workflow.status];
  if (!allowed.includes('cancelled')) throw notPossible(execution, 'cancelled', allowed);
  await audit.append(sql, { action: 'command.cancelled', workspaceId, subject: id });
  await moveWorkflow(sql, audit, workflow, { to: 'cancelled' });
  return readExecution(sql, workspaceId, id);
}

interface Locked {
  readonly execution: Execution;
  readonly workflow: Workflow;
  readonly approval: Approval;
}

/** The lock of the workflow is the lock of its execution. */
async function lockExecution(sql: Sql, workspaceId: string, id: string): Promise<Locked> {
  const { workflow_id: workflowId } = await readExecution(sql, workspaceId, id);
  const workflow = await lockWorkflow(sql, workspaceId, workflowId);
  const { rows } = await sql.query<{ approval: Approval }>('select approval from command_executions where id = $1', [id]);
  return { execution: await readExecution(sql, workspaceId, id), workflow, approval: rows[0]?.approval ?? 'not_required' };
}

async function lockCommand(sql: Sql, { workspaceId, name, version }: NewExecution): Promise<Command> {
  const { rows } = await sql.query<Command>(
    `select ${COMMAND_COLUMNS} from commands where workspace_id = $1 and name = $2 and ($3::int is null or version = $3) order by version desc limit 1
     for no key update`,
    [workspaceId, name, version],
  );
  const [command] = rows;
  if (command === undefined)
    throw new ServiceError('not_found', `no command "${name}"${version === null ? '' : ` has version ${version}`}`);
  return command;
}

async function madeBefore(sql: Sql, { workspaceId, name, version }: NewExecution, key: string): Promise<Execution | null> {
  const { rows } = await sql.query<Execution>(`${SELECT} where e.workspace_id = $1 and e.idempotency_key = $2`, [workspaceId, key]);
  const [made] = rows;
  if (made === undefined) return null;
  if (made.command !== name || (version !== null && made.version !== version))
    throw new ServiceError('idempotency_conflict', 'the idempotency key was used for another execution');
  return made;
}

function noExecution(id: string): ServiceError {
  return new ServiceError('not_found', `no execution has the id ${id}`);
}

function notPossible({ status: from }: Execution, to: string, allowed: readonly string[]): ServiceError {
  return new ServiceError('invalid_transition', `an execution that is ${from} cannot become ${to}`, { details: { from, to, allowed } });
}
