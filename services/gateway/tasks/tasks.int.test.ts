import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAgent, send, type Json, type TestAgent } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

type Headers = Readonly<Record<string, string>>;
const create = (headers: Headers, body: Json = {}) => send(gateway, 'POST /api/v1/tasks', { headers, body: { title: 'work', ...body } });
const act = (task: unknown, action: string, headers: Headers, body: Json = {}) =>
  send(gateway, `POST /api/v1/tasks/${String(task)}/${action}`, { headers, body });
const claim = (agent: TestAgent) => send(gateway, 'POST /api/v1/tasks/claim', { headers: agent.headers, body: { agent: agent.id } });
const taskOf = (body: Json) => body['task'] as Json | null;

async function assigned(agent: TestAgent, body: Json = {}): Promise<string> {
  const { body: made } = await create(agent.headers, body);
  expect((await act(made['id'], `assign/${agent.id}`, agent.headers)).status).toBe(200);
  return String(made['id']);
}

describe('a task', () => {
  it('goes from pending to completed, with its result', async () => {
    const agent = await createAgent(gateway);
    const { status, body } = await create(agent.headers, { priority: 7 });
    expect([status, body['status'], body['version'], body['max_retries']]).toEqual([201, 'pending', 1, 3]);
    const given = await act(body['id'], `assign/${agent.id}`, agent.headers);
    expect(given.body).toMatchObject({ status: 'assigned', agent_id: agent.id, version: 2 });
    for (const action of ['start', 'block', 'unblock']) expect((await act(body['id'], action, agent.headers)).status).toBe(200);
    const done = await act(body['id'], 'complete', agent.headers, { result: { figures: [1, 2] } });
    expect(done.body).toMatchObject({ status: 'completed', result: { figures: [1, 2] }, version: 6, error: null });
    expect((await send(gateway, `GET /api/v1/tasks/${String(body['id'])}`, { headers: agent.headers })).body).toEqual(done.body);
  });

  it('tells watchers and the audit log of each change, in its order', async () => {
    const agent = await createAgent(gateway);
    const id = await assigned(agent);
    await act(id, 'start', agent.headers);
    await act(id, 'fail', agent.headers, { reason: 'late' });
    await act(id, 'cancel', agent.headers);
    const told = await query(backing.postgres.adminUrl, `select topic, data->>'type' as type from outbox where task_id = $1 order by seq`, [
      id,
    ]);
    expect(told.rows.map(({ type }) => type)).toEqual(['analysis_start', 'plan_ready', 'progress', 'cancelled']);
    expect(new Set(told.rows.map(({ topic }) => topic))).toEqual(new Set(['task_event']));
    const logged = await query(backing.postgres.adminUrl, 'select event_type from audit_logs where subject = $1 order by id', [id]);
    expect(logged.rows.map(({ event_type: type }) => type)).toEqual([
      'task.created',
      'task.assigned',
      'task.started',
      'task.failed',
      'task.cancelled',
    ]);
  });

  it('that failed is tried again as often as it may, and has failed then', async () => {
    const agent = await createAgent(gateway);
    const { body } = await create(agent.headers, { max_retries: 2 });
    const outcomes: unknown[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(taskOf((await claim(agent)).body)?.['id']).toBe(body['id']);
      await act(body['id'], 'start', agent.headers);
      const failed = await act(body['id'], 'fail', agent.headers, { reason: `try ${attempt}` });
      outcomes.push([failed.body['status'], failed.body['retry_count']]);
    }
    expect(outcomes).toEqual([
      ['pending', 1],
      ['pending', 2],
      ['failed', 2],
    ]);
    expect((await claim(agent)).body).toEqual({ task: null });
  });

  it('that must not be tried again has failed at once', async () => {
    const agent = await createAgent(gateway);
    const id = await assigned(agent);
    await act(id, 'start', agent.headers);
    expect((await act(id, 'fail', agent.headers, { reason: 'no use', retry: false })).body['status']).toBe('failed');
  });

  it('in the wrong state is a 409 that says what is allowed', async () => {
    const agent = await createAgent(gateway);
    const { body } = await create(agent.headers);
    const refused = await act(body['id'], 'complete', agent.headers);
    expect([refused.status, refused.body['error']]).toMatchObject([
      409,
      { code: 'invalid_transition', details: { from: 'pending', to: 'completed', allowed: ['assigned', 'cancelled'] } },
    ]);
  });

  it('goes only to an agent of the workspace that can do it', async () => {
    const agent = await createAgent(gateway);
    const stranger = await createAgent(gateway);
    const { body } = await create(agent.headers, { required_capabilities: ['answer', 'fly'] });
    const refused = await act(body['id'], `assign/${agent.id}`, agent.headers);
    expect([refused.status, refused.body['error']]).toMatchObject([409, { code: 'conflict', details: { missing: ['fly'] } }]);
    expect((await act(body['id'], `assign/${stranger.id}`, agent.headers)).status).toBe(404);
    expect((await act(body['id'], 'cancel', stranger.headers)).status).toBe(404);
    expect((await claim(agent)).body).toEqual({ task: null });
    expect((await send(gateway, 'POST /api/v1/tasks/claim', { headers: agent.headers, body: { agent: stranger.id } })).status).toBe(404);
  });

  it('lets one of two conflicting changes win', async () => {
    const agent = await createAgent(gateway);
    const id = await assigned(agent);
    await act(id, 'start', agent.headers);
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        act(id, index % 2 === 0 ? 'complete' : 'fail', agent.headers, index % 2 === 0 ? {} : { reason: 'x', retry: false }),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
  });
});

describe('claims', () => {
  it('give each task to one agent, however many ask at once', async () => {
    const first = await createAgent(gateway);
    const agents = [first, ...(await Promise.all([1, 2, 3].map(() => createAgent(gateway, first.workspace))))];
    const made = await Promise.all(Array.from({ length: 30 }, () => create(first.headers)));
    const claims = await Promise.all(Array.from({ length: 40 }, (_, index) => claim(agents[index % 4] ?? first)));
    const ids = claims.flatMap(({ body }) => taskOf(body)?.['id'] ?? []);
    expect(ids).toHaveLength(30);
    expect(new Set(ids)).toEqual(new Set(made.map(({ body }) => body['id'])));
  });

  it('take the highest priority first, then the oldest', async () => {
    const agent = await createAgent(gateway);
    for (const priority of [3, 9, 3, 10]) await create(agent.headers, { priority, title: `p${priority}` });
    const titles: unknown[] = [];
    for (let index = 0; index < 4; index++) titles.push(taskOf((await claim(agent)).body)?.['title']);
    expect(titles).toEqual(['p10', 'p9', 'p3', 'p3']);
  });
});

describe('making and listing', () => {
  it('makes one task per idempotency key', async () => {
    const headers = { 'x-workspace-id': randomUUID(), 'idempotency-key': 'once' };
    const answers = await Promise.all(Array.from({ length: 5 }, () => create(headers)));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 200, 201]);
    expect((await create(headers, { priority: 9 })).body['error']).toMatchObject({ code: 'idempotency_conflict' });
  });

  it('lists page by page, newest first, of one status', async () => {
    const headers = { 'x-workspace-id': randomUUID() };
    const ids: unknown[] = [];
    for (let index = 0; index < 5; index++) ids.unshift((await create(headers)).body['id']);
    await act(ids[0], 'cancel', headers);
    const seen: unknown[] = [];
    let next: string | null = '';
    for (let page = 0; next !== null && page < 9; page++) {
      const cursor = next === '' ? '' : `&cursor=${next}`;
      const { body } = await send(gateway, `GET /api/v1/tasks?limit=2&status=pending${cursor}`, { headers });
      seen.push(...(body['items'] as Json[]).map(({ id }) => id));
      next = body['next_cursor'] as string | null;
    }
    expect(seen).toEqual(ids.slice(1));
  });

  it.each([{ priority: 0 }, { priority: 11 }, { max_retries: 11 }, { title: '' }, { title: 'x'.repeat(257) }, { surprise: 1 }])(
    'refuses %o',
    async (body) => {
      expect((await create({}, body)).status).toBe(422);
    },
  );
});
