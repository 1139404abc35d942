import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import { inTransaction, type Sql } from '../database/pool.ts';
import type { WorkflowPlanner } from '../workflows/plan.ts';
import { ensureWorkspace } from '../workspace.ts';
import type { Command, Commands, NewCommand } from './command.ts';
import { cancelExecution, decideExecution, insertExecution, readExecution } from './executions.ts';
import { COMMAND_COLUMNS } from './rows.ts';

export interface CommandsDeps {
  readonly pool: Pool;
  readonly audit: Audit;
  readonly plan: WorkflowPlanner;
  /** Called after each commit that changed a workflow. */
  readonly changed: () => void;
}

export function createCommands({ pool, audit, plan, changed }: CommandsDeps): Commands {
  const changing = async <T>(work: (sql: Sql) => Promise<T>): Promise<T> => {
    const result = await inTransaction(pool, work);
    changed();
    return result;
  };
  return {
    define: async (command) => {
      const planned = { ...command, steps: plan(command.steps) };
      await ensureWorkspace(pool, command.workspaceId);
      return inTransaction(pool, (sql) => define(sql, audit, planned));
    },
    list: (query) => list(pool, query),
    execute: (execution) => changing((sql) => insertExecution(sql, audit, execution)),
    execution: (workspaceId, id) => readExecution(pool, workspaceId, id),
    decide: (decision) => changing((sql) => decideExecution(sql, audit, decision)),
    cancel: (workspaceId, id) => changing((sql) => cancelExecution(sql, audit, workspaceId, id)),
  };
}

async function define(sql: Sql, audit: Audit, command: NewCommand): Promise<Command> {
  const { workspaceId, name, version, strategy, steps, policy } = command;
  const { rows } = await sql.query<Command>(
    `insert into commands (id, workspace_id, name, version, strategy, steps, requires_approval) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (workspace_id, name, version) do nothing returning ${COMMAND_COLUMNS}`,
    [randomUUID(), workspaceId, name, version, strategy, JSON.stringify(steps), policy.requires_approval],
  );
  const [defined] = rows;
  if (defined === undefined) throw new ServiceError('already_exists', `the command "${name}" has a version ${version}`);
  await audit.append(sql, { action: 'command.defined', workspaceId, subject: defined.id, details: { name, version } });
  return defined;
}

async function list(sql: Sql, { workspaceId, limit, before }: Parameters<Commands['list']>[0]): ReturnType<Commands['list']> {
  const { rows } = await sql.query<Command & { readonly position: string }>(
    `select ${COMMAND_COLUMNS}, position from commands where workspace_id = $1 and ($2::bigint is null or position < $2)
     order by position desc limit $3`,
    [workspaceId, before, limit + 1],
  );
  const page = rows.slice(0, limit);
  return {
    items: page.map(({ position: _position, ...command }) => command),
    next: rows.length > limit ? (page.at(-1)?.position ?? null) : null,
  };
}
