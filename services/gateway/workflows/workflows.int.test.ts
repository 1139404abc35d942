import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { outputOf } from './work.ts';

const { backing, gateway } = await gatewayForFile();

type Headers = Readonly<Record<string, string>>;
interface TaskRow {
  readonly id: string;
  readonly status: string;
  readonly attempts: number;
  readonly result: { readonly output: string; readonly received: Json } | null;
  readonly started_at: string;
  readonly finished_at: string;
}
const task = (id: string, dependsOn: readonly string[] = [], workMs = 20, capability = 'answer') => ({
  id,
  name: `task ${id}`,
  capability,
  depends_on: dependsOn,
  work_ms: workMs,
});
const headersOfOwn = (): Headers => ({ 'x-workspace-id': randomUUID() });
const create = (headers: Headers, tasks: readonly unknown[], strategy = 'parallel') =>
  send(gateway, 'POST /api/v1/workflows', { headers, body: { name: 'nightly', strategy, tasks } });
const read = async (headers: Headers, id: unknown) => (await send(gateway, `GET /api/v1/workflows/${String(id)}`, { headers })).body;
const act = (headers: Headers, id: unknown, action: string) => send(gateway, `POST /api/v1/workflows/${String(id)}/${action}`, { headers });
const tasksOf = (body: Json) => body['tasks'] as readonly TaskRow[];
const statusesOf = (body: Json) => Object.fromEntries(tasksOf(body).map(({ id, status }) => [id, status]));
async function reaches(headers: Headers, id: unknown, status: string): Promise<Json> {
  await until(async () => (await read(headers, id))['status'] === status);
  return read(headers, id);
}

describe('a workflow', () => {
  it('runs its tasks after those they depend on, each once', async () => {
    const headers = headersOfOwn();
    const { status, body } = await create(headers, [task('c', ['a', 'b']), task('a'), task('b')]);
    expect([status, body['status']]).toEqual([202, 'ready']);
    const done = await reaches(headers, body['id'], 'completed');
    const byId = Object.fromEntries(tasksOf(done).map((row) => [row.id, row]));
    expect(tasksOf(done).map(({ attempts }) => attempts)).toEqual([1, 1, 1]);
    expect(Number(new Date(String(byId['c']?.started_at)))).toBeGreaterThanOrEqual(Number(new Date(String(byId['a']?.finished_at))));
    expect(byId['c']?.result?.received).toEqual({});
  });

  it('in parallel runs at once what is ready, in sequence one at a time', async () => {
    const headers = headersOfOwn();
    const overlaps = async (strategy: string): Promise<boolean> => {
      const { body } = await create(headers, [task('a', [], 150), task('b', [], 150)], strategy);
      const [first, second] = tasksOf(await reaches(headers, body['id'], 'completed'));
      return String(second?.started_at) < String(first?.finished_at);
    };
    expect([await overlaps('parallel'), await overlaps('sequential')]).toEqual([true, false]);
  });

  it('in a pipeline hands on what was made', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a'), task('b', ['a'])], 'pipeline');
    const [first, second] = tasksOf(await reaches(headers, body['id'], 'completed'));
    const a = outputOf({ id: 'a', capability: 'answer' }, {});
    expect(first?.result?.output).toBe(a);
    expect(second?.result).toMatchObject({ received: { a }, output: outputOf({ id: 'b', capability: 'answer' }, { a }) });
  });

  it('fails with its first task that fails, and skips the rest', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a', [], 0, 'fly'), task('b', ['a'])], 'sequential');
    const failed = await reaches(headers, body['id'], 'failed');
    expect(failed['error']).toBe('task "a": no kind of agent has the capability "fly"');
    expect(statusesOf(failed)).toEqual({ a: 'failed', b: 'skipped' });
  });

  it('holds no connection while its tasks work', async () => {
    const headers = headersOfOwn();
    const tasks = Array.from({ length: 8 }, (_, index) => task(`t${index}`, [], 400));
    const { body } = await create(headers, tasks);
    await until(async () => Object.values(statusesOf(await read(headers, body['id']))).every((status) => status === 'running'));
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select count(*)::int as n from pg_stat_activity where usename = 'service' and state <> 'idle' and now() - state_change > interval '100 ms'`,
    );
    expect(rows[0]?.['n']).toBe(0);
    await reaches(headers, body['id'], 'completed');
  });

  it.each([
    ['a cycle', [task('a', ['b']), task('b', ['a'])], 'a -> b -> a'],
    ['an unknown dependency', [task('a', ['z'])], 'no task has the id "z"'],
    ['a repeated id', [task('a'), task('a')], 'the id of two tasks'],
    ['no task', [], 'not valid'],
    ['too many tasks', Array.from({ length: 51 }, (_, index) => task(`t${index}`)), 'not valid'],
    ['work that takes too long', [task('a', [], 10_001)], 'not valid'],
  ])('is refused for %s', async (_, tasks, told) => {
    const { status, body } = await create({}, tasks);
    expect(status).toBe(422);
    expect((body['error'] as Json)['message']).toContain(told);
  });

  it('is made once per idempotency key', async () => {
    const headers = { ...headersOfOwn(), 'idempotency-key': 'once' };
    const answers = await Promise.all(Array.from({ length: 4 }, () => create(headers, [task('a')])));
    expect(new Set(answers.map(({ body }) => body['id'])).size).toBe(1);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 202]);
    expect((await create(headers, [task('b')])).body['error']).toMatchObject({ code: 'idempotency_conflict' });
  });
});

describe('a running workflow', () => {
  it('that is cancelled begins nothing more and stops what runs', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a', [], 10_000), task('b', ['a'])]);
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'running');
    const cancelled = await act(headers, body['id'], 'cancel');
    expect([cancelled.status, cancelled.body['status'], statusesOf(cancelled.body)]).toEqual([
      200,
      'cancelled',
      { a: 'cancelled', b: 'cancelled' },
    ]);
    expect((await act(headers, body['id'], 'cancel')).body['error']).toMatchObject({
      code: 'invalid_transition',
      details: { from: 'cancelled', to: 'cancelled', allowed: [] },
    });
  });

  it('frees the slots of what was cancelled', async () => {
    const headers = headersOfOwn();
    const { body } = await create(
      headers,
      Array.from({ length: 8 }, (_, index) => task(`t${index}`, [], 10_000)),
    );
    await until(async () => Object.values(statusesOf(await read(headers, body['id']))).every((status) => status === 'running'));
    await act(headers, body['id'], 'cancel');
    const next = await create(headers, [task('a', [], 0)]);
    expect(await reaches(headers, next.body['id'], 'completed')).toMatchObject({ error: null });
  });

  it('that is paused lets its running task finish, and goes on when resumed', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a', [], 1000), task('b', ['a'])]);
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'running');
    expect((await act(headers, body['id'], 'pause')).body['status']).toBe('paused');
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'completed');
    expect(await read(headers, body['id'])).toMatchObject({ status: 'paused' });
    expect((await act(headers, body['id'], 'resume')).body['status']).toBe('running');
    await reaches(headers, body['id'], 'completed');
  });

  it('that was paused during its last task is completed when resumed', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a', [], 1000)]);
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'running');
    await act(headers, body['id'], 'pause');
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'completed');
    expect((await act(headers, body['id'], 'resume')).body['status']).toBe('completed');
  });

  it('tells watchers of each step', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a'), task('b', ['a'])]);
    await reaches(headers, body['id'], 'completed');
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select data->>'type' as type, data->'task'->>'id' as task from outbox where task_id = $1 order by seq`,
      [body['id']],
    );
    expect(rows.map(({ type, task: id }) => [type, id])).toEqual([
      ['analysis_start', null],
      ['progress', 'a'],
      ['progress', 'b'],
      ['completion', null],
    ]);
  });

  it('is shown only to its workspace, and listed newest first', async () => {
    const headers = headersOfOwn();
    const first = await create(headers, [task('a')]);
    const second = await create(headers, [task('a')]);
    expect((await act(headersOfOwn(), first.body['id'], 'cancel')).status).toBe(404);
    const { body } = await send(gateway, 'GET /api/v1/workflows?limit=1', { headers });
    expect((body['items'] as Json[]).map(({ id }) => id)).toEqual([second.body['id']]);
    const rest = await send(gateway, `GET /api/v1/workflows?cursor=${String(body['next_cursor'])}`, { headers });
    expect((rest.body['items'] as Json[]).map(({ id }) => id)).toEqual([first.body['id']]);
    expect(rest.body['next_cursor']).toBe(null);
  });
});

describe('several processes', () => {
  it('share the work: each task is begun once', async () => {
    const others = await Promise.all([1, 2].map(() => startTestGateway(backing)));
    const headers = headersOfOwn();
    const made = await Promise.all(
      Array.from({ length: 6 }, () =>
        create(
          headers,
          Array.from({ length: 10 }, (_, index) => task(`t${index}`, [], 5)),
        ),
      ),
    );
    const done = await Promise.all(made.map(({ body }) => reaches(headers, body['id'], 'completed')));
    expect(done.flatMap(tasksOf).every(({ attempts }) => attempts === 1)).toBe(true);
    await Promise.all(others.map((other) => other.stop()));
  });

  it('take over at once what one that stops has not finished', async () => {
    const other = await startTestGateway(backing);
    const headers = headersOfOwn();
    const { body } = await create(
      headers,
      Array.from({ length: 16 }, (_, index) => task(`t${index}`, [], 2500)),
    );
    await until(async () => Object.values(statusesOf(await read(headers, body['id']))).every((status) => status === 'running'));
    await other.stop();
    const statuses = Object.values(statusesOf(await read(headers, body['id'])));
    expect(statuses.filter((status) => status === 'pending').length).toBeGreaterThan(0);
    const done = await reaches(headers, body['id'], 'completed');
    expect(tasksOf(done).some(({ attempts }) => attempts === 2)).toBe(true);
  });

  it('take over what one that died has not finished, and its late answer counts for nothing', async () => {
    const headers = headersOfOwn();
    const { body } = await create(headers, [task('a', [], 1000)]);
    await until(async () => statusesOf(await read(headers, body['id']))['a'] === 'running');
    await query(backing.postgres.adminUrl, 'update workflow_tasks set lease_until = now() where workflow_id = $1', [body['id']]);
    const [done] = tasksOf(await reaches(headers, body['id'], 'completed'));
    expect(done?.attempts).toBe(2);
  });
});
