import { setTimeout as delay } from 'node:timers/promises';
import { inWorkspace } from '../gateway/database/workspace-transaction.ts';
import { readBudget, tooLittle, type Budget, type Charge } from '../gateway/budgets/budgets.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Between reading and writing, as a service does that asks somebody whether this may be spent. */
const ASKING_MS = 5;

/** Alone it is right; of two at once the one that writes last takes back what the other spent. */
export const CHARGE_READ_MODIFY_WRITE: Partial<Seams> = {
  budgets: (budgets, context) => ({
    ...budgets,
    charge: async (charge) => {
      const budget = await budgets.get(charge.workspaceId, charge.id);
      if (budget.balance < charge.amount) throw tooLittle(budget, charge.amount);
      await delay(ASKING_MS);
      return writeBack(context, budget, charge);
    },
  }),
};

function writeBack({ pool, audit }: SeamContext, budget: Budget, { workspaceId, id, amount }: Charge): Promise<Budget> {
  return inWorkspace(pool, workspaceId, async (sql) => {
    await sql.query('update budgets set balance = $3, spent = $4, updated_at = now() where id = $1 and workspace_id = $2', [
      id,
      workspaceId,
      budget.balance - amount,
      budget.spent + amount,
    ]);
    await audit.append(sql, { action: 'budget.charged', workspaceId, subject: id, details: { amount } });
    return readBudget(sql, workspaceId, id);
  });
}
