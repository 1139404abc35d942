import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { startFakeWorker } from '../../testing/fake-worker.ts';
import { runGateway } from '../../testing/program.ts';
import { backingForFile, forFile } from '../../testing/file-stack.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const backing = await backingForFile();
/** The one that runs now: some tests put another in its place. */
let gateway: Gateway = await forFile(
  () => startTestGateway(backing),
  () => gateway.stop(),
);

type Headers = Readonly<Record<string, string>>;
const ENDED = ['completed', 'failed', 'escalating'];
const create = (to: Gateway, body: Json, headers: Headers = {}) => send(to, 'POST /operations', { headers, body });
const ended = async (to: Gateway, id: unknown, headers: Headers = {}): Promise<Json> => {
  const look = async () => (await send(to, `GET /operations/${String(id)}`, { headers })).body;
  await until(async () => ENDED.includes(String((await look())['status'])));
  return look();
};
const summarise = (samples: number) => ({
  operation_type: 'performance_check',
  parameters: { samples_ms: Array.from({ length: samples }, (_, index) => index) },
});
const escalated = async (headers: Headers = {}): Promise<string> => {
  const { body } = await create(gateway, summarise(2), headers);
  expect((await ended(gateway, body['operation_id'], headers))['status']).toBe('escalating');
  return String(body['operation_id']);
};
const waiting = async (headers: Headers = {}) =>
  ((await send(gateway, 'GET /escalations', { headers })).body['escalations'] as readonly Json[]).map(({ operation_id: id }) => id);
const resolve = (id: string, decision: string, headers: Headers = {}) =>
  send(gateway, `POST /escalations/${id}/resolve`, { headers, body: { decision, by: 'Ana' } });

describe('an operation', () => {
  it('counts the tokens that the meter counted, as a sum of the ledger', async () => {
    const { body } = await create(gateway, { operation_type: 'ai_inference', parameters: { text: 'how are we doing' } });
    const id = String(body['operation_id']);
    const done = await ended(gateway, id);
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select sum(prompt + completion)::int as total from token_ledger where op_id = $1 and kind = 'operation' and source = 'worker'`,
      [id],
    );
    const counted = (await send({ url: backing.meterUrl }, `GET /v1/usage?op=${id}`)).body['total_tokens'];
    expect(done).toMatchObject({ status: 'completed', token_usage: counted });
    expect(rows[0]?.['total']).toBe(counted);
  });

  it('is copied to Redis for other programs, for an hour', async () => {
    const { body } = await create(gateway, summarise(9));
    const id = String(body['operation_id']);
    const done = await ended(gateway, id);
    const redis = new Redis(backing.redis.url);
    const copy = async () => JSON.parse((await redis.get(`operation:${id}`)) ?? '{}') as Json;
    await until(async () => (await copy())['status'] === 'completed');
    expect(await copy()).toEqual(done);
    expect(await redis.ttl(`operation:${id}`)).toBeGreaterThan(3500);
    redis.disconnect();
  });

  it('is done without Redis too', async () => {
    await backing.redis.stop();
    const { body } = await create(gateway, summarise(9));
    expect((await ended(gateway, body['operation_id']))['status']).toBe('completed');
    await backing.redis.start();
  });

  it('is made once per idempotency key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([1, 2, 3, 4].map(() => create(gateway, summarise(9), headers)));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    expect(new Set(answers.map(({ body }) => body['operation_id'])).size).toBe(1);
    expect((await create(gateway, summarise(8), headers)).body).toMatchObject({ error: { code: 'idempotency_conflict' } });
  });

  it('names the worker and the cause when a step fails', async () => {
    const steps = [{ worker: 'performance', action: 'dance' }];
    const { body } = await create(gateway, { operation_type: 'custom', parameters: { steps } });
    const { error } = await ended(gateway, body['operation_id']);
    expect(error).toBe('step 1 (performance/dance): performance has no operation "dance"; it has summarise');
    const wrong = await create(gateway, { operation_type: 'performance_check', parameters: { samples_ms: [-1] } });
    expect((await ended(gateway, wrong.body['operation_id']))['error']).toContain('samples_ms.0: ');
  });

  it('is listed newest first, page by page, in its own workspace', async () => {
    const headers = { 'x-workspace-id': randomUUID() };
    const made: unknown[] = [];
    for (let index = 0; index < 3; index++) made.unshift((await create(gateway, summarise(9), headers)).body['operation_id']);
    const page = async (search: string) => (await send(gateway, `GET /operations?limit=2${search}`, { headers })).body;
    const ids = (body: Json) => (body['items'] as readonly Json[]).map(({ operation_id: id }) => id);
    const first = await page('');
    const second = await page(`&cursor=${String(first['next_cursor'])}`);
    expect([ids(first), ids(second), second['next_cursor']]).toEqual([made.slice(0, 2), made.slice(2), null]);
    expect(ids(await page('&status=failed'))).toEqual([]);
  });
});

describe('an escalation', () => {
  it.each([
    ['approve', 'completed', null],
    ['reject', 'failed', 'rejected by Ana'],
  ])('%s makes it %s and takes it off the list', async (decision, status, error) => {
    const id = await escalated();
    expect(await waiting()).toContain(id);
    expect(await resolve(id, decision)).toMatchObject({ status: 200, body: { status, error } });
    expect(await waiting()).not.toContain(id);
    expect((await resolve(id, decision)).body).toMatchObject({ error: { code: 'invalid_transition' } });
  });

  it('is decided by one of several at once, and who it was is on record', async () => {
    const id = await escalated();
    const answers = await Promise.all(['approve', 'reject', 'approve', 'reject'].map((decision) => resolve(id, decision)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409, 409, 409]);
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select decision, resolved_by, details->>'by' as audited from escalations e
       join audit_logs a on a.subject = e.operation_id and a.event_type = 'escalation.resolved'
       where e.operation_id = $1 and resolved_at is not null`,
      [id],
    );
    expect(rows).toMatchObject([{ resolved_by: 'Ana', audited: 'Ana' }]);
    expect(['approve', 'reject']).toContain(rows[0]?.['decision']);
  });

  it('is nothing to another workspace, and nothing for an operation that does not wait', async () => {
    const id = await escalated();
    expect((await resolve(id, 'approve', { 'x-workspace-id': randomUUID() })).status).toBe(404);
    const { body } = await create(gateway, summarise(9));
    await ended(gateway, body['operation_id']);
    expect((await resolve(String(body['operation_id']), 'approve')).status).toBe(409);
  });

  it('does not happen when no validation was asked for', async () => {
    const { body } = await create(gateway, { ...summarise(2), require_validation: false });
    expect(await ended(gateway, body['operation_id'])).toMatchObject({ status: 'completed', requires_human: true });
  });
});

it('an operation whose gateway was killed is finished by another, from the step it had reached', async () => {
  await gateway.stop();
  const worker = await startFakeWorker();
  const urls = backing.workerUrls.replace(/data_quality=[^,]+/, `data_quality=${worker.url}`);
  const first = await runGateway(backing, { WORKER_URLS: urls });
  worker.hold();
  const records = [{ id: 'a', name: 'A', county: 'B', value: 1 }];
  const made = await send(first, 'POST /operations', { body: { operation_type: 'data_pipeline', parameters: { records } } });
  const id = String(made.body['operation_id']);
  await until(async () => worker.waiting() === 1);
  const steps = (await send(first, `GET /operations/${id}`)).body['steps'] as readonly Json[];
  expect(steps.map(({ status }) => status)).toEqual(['completed', 'running', 'pending']);
  first.child.kill('SIGKILL');
  await first.exited;
  await query(backing.postgres.adminUrl, 'update operations set lease_until = now() where id = $1', [id]);
  worker.release();
  gateway = await startTestGateway(backing);
  expect(await ended(gateway, id)).toMatchObject({ result: { steps_executed: 3 }, error: null });
  await worker.stop();
});
