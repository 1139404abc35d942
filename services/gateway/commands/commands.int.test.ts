import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();

type Headers = Readonly<Record<string, string>>;
const STEPS = [
  { id: 'find', name: 'find it', capability: 'search', work_ms: 5 },
  { id: 'tell', name: 'tell it', capability: 'answer', depends_on: ['find'], work_ms: 5 },
];
const headersOfOwn = (): Headers => ({ 'x-workspace-id': randomUUID() });
const define = (headers: Headers, body: Json = {}) =>
  send(gateway, 'POST /api/v1/commands', { headers, body: { name: 'report', steps: STEPS, ...body } });
const defineGuarded = (headers: Headers) => define(headers, { policy: { requires_approval: true } });
const execute = (headers: Headers, body: Json = {}, name = 'report') =>
  send(gateway, `POST /api/v1/commands/${name}/execute`, { headers, body });
const execution = async (headers: Headers, id: unknown) => (await send(gateway, `GET /api/v1/executions/${String(id)}`, { headers })).body;
const act = (headers: Headers, id: unknown, action: string, body?: Json) =>
  send(gateway, `POST /api/v1/executions/${String(id)}/${action}`, { headers, ...(body === undefined ? {} : { body }) });
const reaches = (headers: Headers, id: unknown, status: string) => until(async () => (await execution(headers, id))['status'] === status);

describe('a command', () => {
  it('is executed as a workflow, whose state its execution has', async () => {
    const headers = headersOfOwn();
    expect(await define(headers)).toMatchObject({
      status: 201,
      body: { name: 'report', version: 1, policy: { requires_approval: false } },
    });
    const { status, body } = await execute(headers, { by: 'ann' });
    expect([status, body['requested_by'], body['decided_by']]).toEqual([202, 'ann', null]);
    await reaches(headers, body['execution_id'], 'completed');
    const workflow = await send(gateway, `GET /api/v1/workflows/${String(body['workflow_id'])}`, { headers });
    expect(workflow.body).toMatchObject({ name: 'report', strategy: 'sequential', status: 'completed' });
    expect((await act(headers, body['execution_id'], 'cancel')).body['error']).toMatchObject({ code: 'invalid_transition' });
  });

  it('has each version once, and runs the newest unless told which', async () => {
    const headers = headersOfOwn();
    for (const version of [1, 3, 2]) expect((await define(headers, { version })).status).toBe(201);
    expect((await define(headers, { version: 3 })).body['error']).toMatchObject({ code: 'already_exists' });
    expect((await execute(headers)).body['version']).toBe(3);
    expect((await execute(headers, { version: 1 })).body['version']).toBe(1);
    expect((await execute(headers, { version: 4 })).status).toBe(404);
    expect((await execute(headers, {}, 'other')).status).toBe(404);
    const { body } = await send(gateway, 'GET /api/v1/commands?limit=2', { headers });
    expect((body['items'] as Json[]).map(({ version }) => version)).toEqual([2, 3]);
    const rest = await send(gateway, `GET /api/v1/commands?cursor=${String(body['next_cursor'])}`, { headers });
    expect([(rest.body['items'] as Json[]).map(({ version }) => version), rest.body['next_cursor']]).toEqual([[1], null]);
    expect((await define(headersOfOwn(), { version: 3 })).status).toBe(201);
  });

  it('with steps that make no plan is refused', async () => {
    const cycle = STEPS.map((step) => ({ ...step, depends_on: ['tell'] }));
    expect((await define(headersOfOwn(), { steps: cycle })).status).toBe(422);
  });

  it('is executed once per idempotency key', async () => {
    const headers: Headers = { ...headersOfOwn(), 'idempotency-key': 'once' };
    await define(headers);
    await define(headers, { name: 'other' });
    const answers = await Promise.all(Array.from({ length: 4 }, () => execute(headers)));
    expect(new Set(answers.map(({ body }) => body['execution_id'])).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 202]);
    expect((await execute(headers, {}, 'other')).body['error']).toMatchObject({ code: 'idempotency_conflict' });
    const { rows } = await query(backing.postgres.adminUrl, 'select from workflows where workspace_id = $1', [headers['x-workspace-id']]);
    expect(rows).toHaveLength(1);
  });
});

describe('an execution that needs an approval', () => {
  it('waits, and starts when somebody else agrees', async () => {
    const headers = headersOfOwn();
    await defineGuarded(headers);
    const { body } = await execute(headers, { by: 'ann' });
    const id = body['execution_id'];
    expect(body['status']).toBe('approval_required');
    expect((await act(headers, id, 'approve', { by: 'ann' })).body['error']).toMatchObject({ code: 'forbidden' });
    expect(await execution(headers, id)).toMatchObject({ status: 'approval_required', decided_by: null });
    expect((await act(headers, id, 'approve', { by: 'bob' })).body).toMatchObject({ status: 'ready', decided_by: 'bob' });
    await reaches(headers, id, 'completed');
    expect((await act(headers, id, 'reject', { by: 'bob' })).body['error']).toMatchObject({ code: 'invalid_transition' });
    const { rows } = await query(backing.postgres.adminUrl, `select data->>'type' as type from outbox where task_id = $1 order by seq`, [
      body['workflow_id'],
    ]);
    expect(rows.map(({ type }) => type)).toEqual(['approval_required', 'approved', 'analysis_start', 'progress', 'progress', 'completion']);
  });

  it('never starts when it is rejected or cancelled', async () => {
    const headers = headersOfOwn();
    await defineGuarded(headers);
    const [first, second] = [await execute(headers, { by: 'ann' }), await execute(headers, { by: 'ann' })];
    expect((await act(headers, first.body['execution_id'], 'reject', { by: 'bob' })).body['status']).toBe('rejected');
    expect((await act(headers, second.body['execution_id'], 'cancel')).body['status']).toBe('cancelled');
    expect((await act(headers, second.body['execution_id'], 'approve', { by: 'bob' })).status).toBe(409);
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select t.status from workflow_tasks t join workflows w on w.id = t.workflow_id where w.workspace_id = $1`,
      [headers['x-workspace-id']],
    );
    expect(new Set(rows.map(({ status }) => status))).toEqual(new Set(['cancelled']));
  });

  it('is decided once, however many decide at once, and only in its workspace', async () => {
    const headers = headersOfOwn();
    await defineGuarded(headers);
    const { body } = await execute(headers, { by: 'ann' });
    expect((await act(headersOfOwn(), body['execution_id'], 'approve', { by: 'bob' })).status).toBe(404);
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        act(headers, body['execution_id'], index % 2 === 0 ? 'approve' : 'reject', { by: `judge ${index}` }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409, 409, 409]);
  });
});
