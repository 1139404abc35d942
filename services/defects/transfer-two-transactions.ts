import { setTimeout as delay } from 'node:timers/promises';
import { inWorkspace } from '../gateway/database/workspace-transaction.ts';
import { readBudget, tooLittle, type Budget, type Transfer } from '../gateway/budgets/budgets.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Between the two, as when each is a call to a service of its own. */
const BETWEEN_MS = 5;

/** Takes in one transaction and gives in another: in between the amount is nowhere. */
export const TRANSFER_TWO_TRANSACTIONS: Partial<Seams> = {
  budgets: (budgets, context) => ({
    ...budgets,
    transfer: async (transfer) => {
      await budgets.get(transfer.workspaceId, transfer.to);
      const from = await book(context, transfer, { id: transfer.id, amount: -transfer.amount });
      await delay(BETWEEN_MS);
      await book(context, transfer, { id: transfer.to, amount: transfer.amount });
      return from;
    },
  }),
};

interface Booking {
  readonly id: string;
  readonly amount: number;
}

function book({ pool, audit }: SeamContext, { workspaceId, to }: Transfer, { id, amount }: Booking): Promise<Budget> {
  return inWorkspace(pool, workspaceId, async (sql) => {
    const booked = await sql.query(
      `update budgets set balance = balance + $3, updated_at = now() where id = $1 and workspace_id = $2 and balance + $3 >= 0`,
      [id, workspaceId, amount],
    );
    const budget = await readBudget(sql, workspaceId, id);
    if (booked.rowCount === 0) throw tooLittle(budget, -amount);
    if (amount < 0) await audit.append(sql, { action: 'budget.transferred', workspaceId, subject: id, details: { to, amount: -amount } });
    return budget;
  });
}
