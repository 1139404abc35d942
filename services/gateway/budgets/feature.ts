import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createBudgets } from './budgets.ts';
import { budgetEndpoints } from './endpoints.ts';

/** What workspaces may spend. */
export function budgetsFeature(core: Core): Feature {
  return { endpoints: budgetEndpoints(core.seams.budgets(createBudgets(core), core)) };
}
