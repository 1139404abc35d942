import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAgent, send, type Json } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

type Headers = Readonly<Record<string, string>>;

const newWorkspace = (): Headers => ({ 'x-workspace-id': randomUUID() });
const make = (headers: Headers, name: string, balance: number) =>
  send(gateway, 'POST /api/v1/budgets', { headers, body: { name, balance } });
const idOf = async (headers: Headers, name: string, balance: number) => String((await make(headers, name, balance)).body['id']);
const charge = (headers: Headers, id: string, amount: number) =>
  send(gateway, `POST /api/v1/budgets/${id}/charge`, { headers, body: { amount } });
const transfer = (headers: Headers, id: string, to: string, amount: number) =>
  send(gateway, `POST /api/v1/budgets/${id}/transfer`, { headers, body: { to_budget: to, amount } });
const list = async (headers: Headers) => (await send(gateway, 'GET /api/v1/budgets', { headers })).body['items'] as readonly Json[];
const ten = Array.from({ length: 10 }, (_, index) => index);

describe('a budget', () => {
  it('is made once under its name', async () => {
    const headers = newWorkspace();
    expect(await make(headers, 'search', 100)).toMatchObject({ status: 201, body: { name: 'search', balance: 100, spent: 0 } });
    expect((await make(headers, 'search', 5)).status).toBe(409);
    expect(await list(headers)).toMatchObject([{ name: 'search', balance: 100 }]);
  });

  it('is spent until it is used up, by many at once', async () => {
    const headers = newWorkspace();
    const id = await idOf(headers, 'search', 70);
    const answers = await Promise.all(ten.map(() => charge(headers, id, 10)));
    const count = (wanted: number) => answers.filter(({ status }) => status === wanted).length;
    expect([count(200), count(409)]).toEqual([7, 3]);
    expect((await send(gateway, `GET /api/v1/budgets/${id}`, { headers })).body).toMatchObject({ balance: 0, spent: 70 });
  });

  it('gives to another one what it has, in both directions at once', async () => {
    const headers = newWorkspace();
    const [a, b] = [await idOf(headers, 'a', 100), await idOf(headers, 'b', 100)];
    const answers = await Promise.all(ten.map((index) => (index % 2 === 0 ? transfer(headers, a, b, 3) : transfer(headers, b, a, 2))));
    expect(answers.map(({ status }) => status)).toEqual(ten.map(() => 200));
    expect((await list(headers)).map(({ balance }) => balance)).toEqual([95, 105]);
    expect(await transfer(headers, a, b, 96)).toMatchObject({ status: 409, body: { error: { details: { balance: 95, amount: 96 } } } });
    expect([(await transfer(headers, a, a, 1)).status, (await transfer(headers, a, randomUUID(), 1)).status]).toEqual([422, 404]);
    expect((await list(headers)).map(({ balance }) => balance)).toEqual([95, 105]);
  });

  it('cannot be seen or spent from another workspace', async () => {
    const [headers, strangers] = [newWorkspace(), newWorkspace()];
    const [id, other] = [await idOf(headers, 'a', 100), await idOf(strangers, 'b', 100)];
    const answers = await Promise.all([
      send(gateway, `GET /api/v1/budgets/${id}`, { headers: strangers }),
      charge(strangers, id, 1),
      transfer(strangers, id, other, 1),
      transfer(strangers, other, id, 1),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect([await list(headers), await list(strangers)]).toMatchObject([[{ balance: 100 }], [{ balance: 100 }]]);
  });

  it('has every change in the audit log, and nothing that was refused', async () => {
    const headers = newWorkspace();
    const [a, b] = [await idOf(headers, 'a', 10), await idOf(headers, 'b', 10)];
    await charge(headers, a, 4);
    await charge(headers, a, 7);
    await transfer(headers, a, b, 6);
    await transfer(headers, a, b, 6);
    const { rows } = await query(backing.postgres.adminUrl, 'select event_type, details from audit_logs where subject = $1 order by at', [
      a,
    ]);
    expect(rows).toEqual([
      { event_type: 'budget.created', details: { name: 'a', balance: 10 } },
      { event_type: 'budget.charged', details: { amount: 4 } },
      { event_type: 'budget.transferred', details: { to: b, amount: 6 } },
    ]);
  });
});

describe('labels of an agent', () => {
  it('are all there when many add one each, and once when they add the same', async () => {
    const { id, headers } = await createAgent(gateway);
    const add = (label: string) => send(gateway, `POST /api/v1/agents/${id}/labels`, { headers, body: { label } });
    const answers = await Promise.all([...ten, ...ten].map((index) => add(`label-${index}`)));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect((await send(gateway, `GET /api/v1/agents/${id}/labels`, { headers })).body).toEqual({
      labels: ten.map((index) => `label-${index}`),
    });
    const labelled = `select from audit_logs where subject = $1 and event_type = 'agent.labelled'`;
    expect((await query(backing.postgres.adminUrl, labelled, [id])).rows).toHaveLength(10);
  });

  it('have a limit, and nobody else sees them', async () => {
    const { id, headers } = await createAgent(gateway);
    await query(
      backing.postgres.adminUrl,
      `insert into agent_labels (agent_id, label) select $1, 'l' || n from generate_series(1, 256) n`,
      [id],
    );
    const add = (label: string) => send(gateway, `POST /api/v1/agents/${id}/labels`, { headers, body: { label } });
    expect([(await add('one more')).status, (await add('l1')).status]).toEqual([409, 200]);
    expect((await send(gateway, `GET /api/v1/agents/${id}/labels`, { headers: newWorkspace() })).status).toBe(404);
  });
});
