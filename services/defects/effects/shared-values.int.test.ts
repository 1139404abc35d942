import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { createAgent, send, type Json } from '../../testing/client.ts';
import { describeEffects } from '../../testing/effects.ts';
import { overlapping } from '../../testing/overlapping.ts';
import { until, type Gateway } from '../../testing/stack.ts';
import { SHARED_VALUES_DEFECTS } from '../tables/shared-values.ts';

const BALANCE = 1_000;
const EIGHT = Array.from({ length: 8 }, (_, index) => index + 1);

interface TestBudgets {
  readonly headers: Readonly<Record<string, string>>;
  readonly ids: readonly string[];
}

/** Budgets of a workspace of their own. */
async function makeBudgets(gateway: Gateway, count: number): Promise<TestBudgets> {
  const headers = { 'x-workspace-id': randomUUID() };
  const ids: string[] = [];
  for (let made = 0; made < count; made += 1) {
    const { body } = await send(gateway, 'POST /api/v1/budgets', { headers, body: { name: `budget-${made}`, balance: BALANCE } });
    ids.push(String(body['id']));
  }
  return { headers, ids };
}

async function budgetsOf(gateway: Gateway, headers: TestBudgets['headers']): Promise<readonly Json[]> {
  return (await send(gateway, 'GET /api/v1/budgets', { headers })).body['items'] as readonly Json[];
}

/** As `overlapping`; some of these calls wait for each other, before the table. */
async function allWaiting<T>(adminUrl: string, begin: () => readonly Promise<T>[]): Promise<readonly T[]> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query('begin; lock table agent_labels in exclusive mode');
    const calls = begin();
    const waiting = 'select count(distinct pid)::int as calls from pg_locks where not granted';
    await until(async () => (await admin.query<{ calls: number }>(waiting)).rows[0]?.calls === calls.length);
    await admin.query('commit');
    return await Promise.all(calls);
  } finally {
    await admin.end();
  }
}

describeEffects(SHARED_VALUES_DEFECTS, {
  charge_read_modify_write: async (gateway, { postgres }) => {
    const { headers, ids } = await makeBudgets(gateway, 1);
    const charge = (amount: number) => send(gateway, `POST /api/v1/budgets/${ids[0]}/charge`, { headers, body: { amount } });
    const answers = await overlapping(postgres.adminUrl, 'budgets', () => EIGHT.map(charge));
    const spent = EIGHT.filter((_, index) => answers[index]?.status === 200).reduce((sum, amount) => sum + amount, 0);
    const [budget] = await budgetsOf(gateway, headers);
    return budget?.['spent'] === spent ? [] : [`charges of ${spent} were acknowledged, ${String(budget?.['spent'])} is spent`];
  },
  budget_shown_late: async (gateway) => {
    const { headers, ids } = await makeBudgets(gateway, 1);
    const spent = async () => (await send(gateway, `GET /api/v1/budgets/${ids[0]}`, { headers })).body['spent'];
    await spent();
    await send(gateway, `POST /api/v1/budgets/${ids[0]}/charge`, { headers, body: { amount: 7 } });
    const shown = await spent();
    return shown === 7 ? [] : [`a charge of 7 was acknowledged, ${String(shown)} is shown as spent`];
  },
  label_overwritten: async (gateway, { postgres }) => {
    const { id, headers } = await createAgent(gateway);
    const add = (label: number) => send(gateway, `POST /api/v1/agents/${id}/labels`, { headers, body: { label: `label-${label}` } });
    const answers = await allWaiting(postgres.adminUrl, () => EIGHT.map(add));
    const acknowledged = EIGHT.filter((_, index) => answers[index]?.status === 200).map((label) => `label-${label}`);
    const { body } = await send(gateway, `GET /api/v1/agents/${id}/labels`, { headers });
    const shown = body['labels'] as readonly string[];
    return acknowledged.filter((label) => !shown.includes(label)).map((label) => `${label} was acknowledged and is gone`);
  },
  labels_shown_late: async (gateway) => {
    const { id, headers } = await createAgent(gateway);
    const shown = async () => (await send(gateway, `GET /api/v1/agents/${id}/labels`, { headers })).body['labels'] as readonly string[];
    await shown();
    await send(gateway, `POST /api/v1/agents/${id}/labels`, { headers, body: { label: 'new' } });
    return (await shown()).includes('new') ? [] : ['a label was acknowledged and is not shown'];
  },
  transfer_two_transactions: async (gateway) => {
    const { headers, ids } = await makeBudgets(gateway, 2);
    const body = { to_budget: ids[1], amount: 1 };
    const all = Promise.all(EIGHT.map(() => send(gateway, `POST /api/v1/budgets/${ids[0]}/transfer`, { headers, body })));
    const ended = new AbortController();
    const ending = all.finally(() => ended.abort());
    const sums = new Set<number>();
    while (!ended.signal.aborted) sums.add((await budgetsOf(gateway, headers)).reduce((sum, { balance }) => sum + Number(balance), 0));
    await ending;
    return [...sums].filter((sum) => sum !== 2 * BALANCE).map((sum) => `all budgets together were ${sum}`);
  },
});
