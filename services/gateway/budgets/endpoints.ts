import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { byId, itemsOf, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import type { Budgets } from './budgets.ts';

/** In the smallest unit there is. Sums of all budgets of a workspace stay exact. */
const MOST = 1_000_000_000_000;
const amount = z.int().min(1).max(MOST);
const name = z.string().trim().min(1).max(128);
const newBudget = z.strictObject({ name, balance: z.int().min(0).max(MOST) });
const charge = z.strictObject({ amount });
const transfer = z.strictObject({ to_budget: uuid, amount });

const budget = z
  .object({
    id: uuid,
    workspace_id: uuid,
    name: z.string(),
    balance: z.int().min(0),
    spent: z.int().min(0),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Budget' });

const common = { tag: 'budgets', headers: WORKSPACE_HEADER } as const;
const one = { ...common, params: byId, answers: { 200: budget } } as const;

export function budgetEndpoints(budgets: Budgets): readonly Endpoint[] {
  return [...keeping(budgets), ...spending(budgets)];
}

function keeping(budgets: Budgets): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/budgets',
      summary: 'Make a budget; its name is its own in the workspace',
      body: newBudget,
      answers: { 201: budget },
      errors: ['already_exists'],
      handle: async (call) => json(201, await budgets.create(workspaceFor(call), call.body)),
    }),
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/budgets',
      summary: 'Budgets of the workspace as they are at one moment, by name',
      answers: { 200: itemsOf(budget) },
      handle: async (call) => json(200, { items: await budgets.list(workspaceFor(call)) }),
    }),
    endpoint({
      ...one,
      method: 'get',
      path: '/api/v1/budgets/{id}',
      summary: 'One budget',
      handle: async (call) => json(200, await budgets.get(workspaceFor(call), call.params.id)),
    }),
  ];
}

function spending(budgets: Budgets): readonly Endpoint[] {
  return [
    endpoint({
      ...one,
      method: 'post',
      path: '/api/v1/budgets/{id}/charge',
      summary: 'Spend of a budget what it has left',
      body: charge,
      errors: ['conflict'],
      handle: async (call) => json(200, await budgets.charge({ workspaceId: workspaceFor(call), id: call.params.id, ...call.body })),
    }),
    endpoint({
      ...one,
      method: 'post',
      path: '/api/v1/budgets/{id}/transfer',
      summary: 'Move what a budget has left to another one',
      body: transfer,
      errors: ['conflict'],
      handle: async (call) => {
        const { to_budget: to, amount: moved } = call.body;
        return json(200, await budgets.transfer({ workspaceId: workspaceFor(call), id: call.params.id, to, amount: moved }));
      },
    }),
  ];
}
