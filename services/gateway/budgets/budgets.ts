import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { ServiceError } from '../../shared/service-error.ts';
import type { Audit } from '../audit/audit.ts';
import type { Sql } from '../database/pool.ts';
import { inWorkspace } from '../database/workspace-transaction.ts';
import { ensureWorkspace } from '../workspace.ts';

/** What may be spent in a workspace under one name. */
export interface Budget {
  readonly id: string;
  readonly workspace_id: string;
  readonly name: string;
  /** What is left. Never below 0. */
  readonly balance: number;
  readonly spent: number;
  readonly created_at: Date;
  readonly updated_at: Date;
}

export interface NewBudget {
  readonly name: string;
  readonly balance: number;
}

/** Which budget is meant, and how much of it. */
export interface Charge {
  readonly workspaceId: string;
  readonly id: string;
  readonly amount: number;
}

export interface Transfer extends Charge {
  /** The budget that gets it. */
  readonly to: string;
}

export interface Budgets {
  /** @throws ServiceError already_exists (the name). */
  create(workspaceId: string, input: NewBudget): Promise<Budget>;
  /** All at one moment, by name. */
  list(workspaceId: string): Promise<readonly Budget[]>;
  /** @throws ServiceError not_found. */
  get(workspaceId: string, id: string): Promise<Budget>;
  /** Spends. @throws ServiceError not_found, or conflict when less is left; and then nothing is changed. */
  charge(charge: Charge): Promise<Budget>;
  /** Moves what is left to another budget; answers with the one that gave. @throws as `charge`, and validation_failed for one and the same budget. */
  transfer(transfer: Transfer): Promise<Budget>;
}

export const BUDGET_COLUMNS = 'id, workspace_id, name, balance::float8 as balance, spent::float8 as spent, created_at, updated_at';
const MOST_LISTED = 500;

export function createBudgets({ pool, audit }: { readonly pool: Pool; readonly audit: Audit }): Budgets {
  return {
    create: async (workspaceId, input) => {
      await ensureWorkspace(pool, workspaceId);
      return inWorkspace(pool, workspaceId, (sql) => insert(sql, audit, workspaceId, input));
    },
    list: (workspaceId) =>
      inWorkspace(pool, workspaceId, async (sql) => {
        const select = `select ${BUDGET_COLUMNS} from budgets where workspace_id = $1 order by name limit ${MOST_LISTED}`;
        return (await sql.query<Budget>(select, [workspaceId])).rows;
      }),
    get: (workspaceId, id) => inWorkspace(pool, workspaceId, (sql) => readBudget(sql, workspaceId, id)),
    charge: (charge) => inWorkspace(pool, charge.workspaceId, (sql) => spend(sql, audit, charge)),
    transfer: (transfer) => inWorkspace(pool, transfer.workspaceId, (sql) => move(sql, audit, transfer)),
  };
}

async function insert(sql: Sql, audit: Audit, workspaceId: string, { name, balance }: NewBudget): Promise<Budget> {
  const { rows } = await sql.query<Budget>(
    `insert into budgets (id, workspace_id, name, balance) values ($1, $2, $3, $4)
     on conflict (workspace_id, name) do nothing returning ${BUDGET_COLUMNS}`,
    [randomUUID(), workspaceId, name, balance],
  );
  const [budget] = rows;
  if (budget === undefined) throw new ServiceError('already_exists', `the workspace has a budget "${name}"`);
  await audit.append(sql, { action: 'budget.created', workspaceId, subject: budget.id, details: { name, balance } });
  return budget;
}

export async function readBudget(sql: Sql, workspaceId: string, id: string): Promise<Budget> {
  const { rows } = await sql.query<Budget>(`select ${BUDGET_COLUMNS} from budgets where id = $1 and workspace_id = $2`, [id, workspaceId]);
  const [budget] = rows;
  if (budget === undefined) throw noBudget(id);
  return budget;
}

function noBudget(id: string): ServiceError {
  return new ServiceError('not_found', `no budget has the id ${id}`);
}

export function tooLittle({ id, balance }: Budget, amount: number): ServiceError {
  return new ServiceError('conflict', `the budget ${id} has ${balance} left, not ${amount}`, { details: { balance, amount } });
}

/** One statement looks and takes: nobody can come in between. */
async function spend(sql: Sql, audit: Audit, { workspaceId, id, amount }: Charge): Promise<Budget> {
  const { rows } = await sql.query<Budget>(
    `update budgets set balance = balance - $3, spent = spent + $3, updated_at = now()
     where id = $1 and workspace_id = $2 and balance >= $3 returning ${BUDGET_COLUMNS}`,
    [id, workspaceId, amount],
  );
  const [budget] = rows;
  if (budget === undefined) throw tooLittle(await readBudget(sql, workspaceId, id), amount);
  await audit.append(sql, { action: 'budget.charged', workspaceId, subject: id, details: { amount } });
  return budget;
}

/** Both rows are locked in the order of their ids: two transfers that cross each other wait, and neither blocks the other for ever. */
async function move(sql: Sql, audit: Audit, { workspaceId, id, to, amount }: Transfer): Promise<Budget> {
  if (id === to) throw new ServiceError('validation_failed', 'a budget cannot give to itself');
  const { rows } = await sql.query<Budget>(
    `select ${BUDGET_COLUMNS} from budgets where workspace_id = $1 and id in ($2, $3) order by id for update`,
    [workspaceId, id, to],
  );
  const from = rows.find((budget) => budget.id === id);
  if (from === undefined) throw noBudget(id);
  if (rows.length < 2) throw noBudget(to);
  if (from.balance < amount) throw tooLittle(from, amount);
  const moved = await sql.query<Budget>(
    `update budgets set balance = balance + case id when $2 then -$4::bigint else $4::bigint end, updated_at = now()
     where workspace_id = $1 and id in ($2, $3) returning ${BUDGET_COLUMNS}`,
    [workspaceId, id, to, amount],
  );
  await audit.append(sql, { action: 'budget.transferred', workspaceId, subject: id, details: { to, amount } });
  return moved.rows.find((budget) => budget.id === id) ?? from;
}
