import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAgent, send, type Answer, type Json, type TestAgent } from '../testing/client.ts';
import { forFile, gatewayForFile } from '../testing/file-stack.ts';
import { startTestGateway, until, type Gateway } from '../testing/stack.ts';
import { query } from '../testing/stores.ts';

const DEEDS_DONE = 240;
/** Fewer than both gateways have connections: on a slow machine, who waits for one of those is refused after 2 s, which is another matter. */
const AT_ONCE = 16;

const { backing, gateway: first } = await gatewayForFile();
const second = await forFile(
  () => startTestGateway(backing),
  (started) => started.stop(),
);
const gateways: readonly Gateway[] = [first, second];

const rows = async (text: string, ...values: unknown[]) => (await query(backing.postgres.adminUrl, text, values)).rows;
const nth = (index: number): Gateway => gateways[index % gateways.length] as Gateway;

type Deed = (gateway: Gateway, agent: TestAgent, index: number) => Promise<Answer>;

const post = (gateway: Gateway, { headers }: TestAgent, path: string, body?: Json): Promise<Answer> =>
  send(gateway, `POST ${path}`, { headers, ...(body === undefined ? {} : { body }) });
const TASK = { title: 'one of many', priority: 5, required_capabilities: [] };
const WORKFLOW = {
  name: 'one of many',
  strategy: 'parallel',
  tasks: ['a', 'b'].map((id) => ({ id, name: id, capability: 'answer', depends_on: [], work_ms: 5 })),
};
const OPERATION = { operation_type: 'performance_check', parameters: { samples_ms: [1, 2] } };

/** Each writes other rows first, and the workspace's own row last. */
const DEEDS: readonly Deed[] = [
  (to, agent, index) => post(to, agent, `/api/v1/agents/${agent.id}/messages`, { direction: 'inbound', payload: { index } }),
  (to, agent, index) => post(to, agent, `/api/v1/agents/${agent.id}/context`, { name: `c${index % 3}`, data: { index } }),
  (to, agent, index) =>
    send(to, `PATCH /api/v1/agents/${agent.id}`, { headers: agent.headers, body: { config: { [`k${index % 5}`]: index } } }),
  (to, agent, index) => post(to, agent, `/api/v1/agents/${agent.id}/${index % 2 === 0 ? 'activate' : 'deactivate'}`),
  (to, agent) => post(to, agent, '/api/v1/tasks', TASK),
  async (to, agent) => {
    const { body } = await post(to, agent, '/api/v1/tasks', TASK);
    return post(to, agent, `/api/v1/tasks/${String(body['id'])}/assign/${agent.id}`);
  },
  (to, agent) => post(to, agent, '/operations', OPERATION),
  (to, agent) => post(to, agent, '/api/v1/workflows', WORKFLOW),
  async (to, agent) => {
    const { body } = await post(to, agent, '/api/v1/workflows', WORKFLOW);
    return post(to, agent, `/api/v1/workflows/${String(body['id'])}/cancel`);
  },
  (to, agent, index) => post(to, agent, '/api/v1/delegations', { request: `what is ${index}`, user_id: 'u', session_id: 's' }),
];

describe('many at once in one workspace', () => {
  it('are all answered: nobody waits for each other in a circle, and no event is lost', async () => {
    const workspace = randomUUID();
    const agents = await Promise.all(Array.from({ length: 10 }, () => createAgent(nth(0), workspace)));
    const before = await deadlocks();
    const left = [...Array(DEEDS_DONE).keys()];
    const refused: unknown[] = [];
    const works = async (): Promise<void> => {
      for (let index = left.shift(); index !== undefined; index = left.shift()) {
        const deed = DEEDS[index % DEEDS.length] as Deed;
        const answer = await deed(nth(index), agents[Math.floor(index / DEEDS.length) % agents.length] as TestAgent, index);
        if (answer.status >= 500) refused.push({ deed: index % DEEDS.length, ...answer });
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, works));
    expect(refused).toEqual([]);
    await until(async () => (await open(workspace)) === 0);
    expect(await deadlocks()).toBe(before);
    const [seqs] = await rows('select count(*)::int as n, max(seq)::int as last from outbox where workspace_id = $1', workspace);
    expect(seqs?.['n']).toBe(seqs?.['last']);
  });
});

const deadlocks = async (): Promise<number> =>
  Number((await rows(`select deadlocks from pg_stat_database where datname = current_database()`))[0]?.['deadlocks']);
const open = async (workspace: string): Promise<number> => {
  const [counted] = await rows(
    `select (select count(*) from operations where workspace_id = $1 and status not in ('completed', 'failed', 'escalating'))
       + (select count(*) from workflows where workspace_id = $1 and status in ('ready', 'running'))
       + (select count(*) from delegations where workspace_id = $1 and status in ('pending', 'in_progress')) as n`,
    workspace,
  );
  return Number(counted?.['n']);
};
