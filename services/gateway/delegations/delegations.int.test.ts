import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { startFakeWorker } from '../../testing/fake-worker.ts';
import { backingForFile, forFile } from '../../testing/file-stack.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const BIG = 'First analyse the cost data, then review the security of the production rollout with a team of experts';
const ENDED = ['completed', 'failed', 'cancelled', 'timeout'];

const backing = await backingForFile();
/** The one that runs now: some tests put another in its place. */
let gateway: Gateway = await forFile(
  () => startTestGateway(backing),
  () => gateway.stop(),
);
const worker = await forFile(startFakeWorker, (started) => started.stop());

const delegate = async (to: Gateway, request: string, headers: Readonly<Record<string, string>> = {}) => {
  const body = { request, user_id: 'u1', session_id: 's1' };
  return send(to, 'POST /api/v1/delegations', { headers, body });
};
const look = async (to: Gateway, id: unknown, headers: Readonly<Record<string, string>> = {}) =>
  (await send(to, `GET /api/v1/delegations/${String(id)}`, { headers })).body;
const ended = async (to: Gateway, id: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Json> => {
  await until(async () => ENDED.includes(String((await look(to, id, headers))['status'])));
  return look(to, id, headers);
};
const frames = async (id: unknown): Promise<readonly Json[]> => {
  const { rows } = await query(
    backing.postgres.adminUrl,
    `select data from outbox where topic = 'delegation_event' and data->>'delegation_id' = $1 order by seq`,
    [id],
  );
  return rows.map(({ data }) => data as Json);
};

describe('a delegation', () => {
  it('that was cancelled books the tokens of the answers that come too late, and asks nothing more', async () => {
    const slow = await startTestGateway({ ...backing, workerUrls: `ai_ml=${worker.url}` });
    try {
      // Whoever else runs delegations must not take it: the workers of this gateway are the ones that wait.
      await gateway.stop();
      worker.hold();
      const { body } = await delegate(slow, BIG);
      const id = String(body['delegation_id']);
      await until(async () => {
        const { experts } = await look(slow, id);
        return Array.isArray(experts) && experts.length > 0 && worker.waiting() === experts.length;
      });
      const asked = worker.waiting();
      expect((await send(slow, `POST /api/v1/delegations/${id}/cancel`)).status).toBe(200);
      worker.release();
      await until(async () => Number((await look(slow, id))['tokens_used']) === asked * 2);
      expect(await look(slow, id)).toMatchObject({ status: 'cancelled', responses: [], result: null });
      expect(worker.calls()).toBe(asked);
    } finally {
      worker.release();
      await slow.stop();
      gateway = await startTestGateway(backing);
    }
  });

  it('asks the experts, puts their answers together and tells its progress without a gap', async () => {
    const headers = { 'x-workspace-id': randomUUID() };
    const { status, body } = await delegate(gateway, BIG, headers);
    expect([status, body['status']]).toEqual([202, 'pending']);
    const done = await ended(gateway, body['delegation_id'], headers);
    expect(done).toMatchObject({ status: 'completed', progress: 100, error: null, result: { delegated: true } });
    const told = await frames(body['delegation_id']);
    expect(told.map(({ seq }) => seq)).toEqual(told.map((_, index) => index + 1));
    const types = told.map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['status', 'routing_analysis', 'delegation_initiated']);
    expect(types.at(-1)).toBe('delegation_completed');
    const progress = told.map((frame) => Number(frame['progress']));
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(types.filter((type) => type === 'progress')).toHaveLength((done['experts'] as readonly unknown[]).length);
  });

  it('keeps a request per expert on the board, and counts tokens as the meter does', async () => {
    const { body } = await delegate(gateway, BIG);
    const id = String(body['delegation_id']);
    const done = await ended(gateway, id);
    const { rows } = await query(
      backing.postgres.adminUrl,
      `select recipient from board_events where delegation_id = $1 and performative = 'request' and processed_at is not null`,
      [id],
    );
    expect(rows.map(({ recipient }) => recipient)).toContain('operator');
    expect(rows).toHaveLength((done['responses'] as readonly unknown[]).length);
    const counted = (await send({ url: backing.meterUrl }, `GET /v1/usage?op=${id}`)).body['total_tokens'];
    expect([done['tokens_used'], Number(done['tokens_used']) > 0]).toEqual([counted, true]);
  });

  it('answers a simple request with one expert and no board', async () => {
    const { body } = await delegate(gateway, 'What time is it in Miami?');
    const done = await ended(gateway, body['delegation_id']);
    expect(done).toMatchObject({ status: 'completed', result: { delegated: false, asked: 1 }, experts: [{ expert: 'assistant' }] });
    expect((await frames(body['delegation_id'])).map(({ type }) => type)).not.toContain('delegation_initiated');
  });

  it('is made once per idempotency key', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const answers = await Promise.all([1, 2, 3].map(() => delegate(gateway, BIG, headers)));
    expect(new Set(answers.map(({ body }) => body['delegation_id'])).size).toBe(1);
    expect((await delegate(gateway, 'another', headers)).status).toBe(409);
  });

  it('is nothing to another workspace', async () => {
    const { body } = await delegate(gateway, BIG);
    const headers = { 'x-workspace-id': randomUUID() };
    const id = String(body['delegation_id']);
    expect((await send(gateway, `GET /api/v1/delegations/${id}`, { headers })).status).toBe(404);
    expect((await send(gateway, `POST /api/v1/delegations/${id}/cancel`, { headers })).status).toBe(404);
  });
});

describe('a delegation whose experts do not answer', () => {
  it('can be cancelled once, and stays cancelled', async () => {
    await gateway.stop();
    const slow = await startTestGateway(backing, [], { WORKER_URLS: `ai_ml=${worker.url}` });
    worker.hold();
    const { body } = await delegate(slow, BIG);
    const id = String(body['delegation_id']);
    await until(async () => worker.waiting() > 0);
    const cancels = await Promise.all([1, 2].map(() => send(slow, `POST /api/v1/delegations/${id}/cancel`)));
    expect(cancels.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    worker.release();
    await slow.stop();
    expect((await frames(id)).at(-1)).toMatchObject({ type: 'error', error: { code: 'cancelled' } });
    gateway = await startTestGateway(backing);
    expect((await look(gateway, id))['status']).toBe('cancelled');
  });

  it('times out when nobody took it up, and fails when nobody answers', async () => {
    await gateway.stop();
    const alone = await startTestGateway(backing, [], { WORKER_URLS: 'ai_ml=http://127.0.0.1:1' });
    const { body } = await delegate(alone, BIG);
    expect(await ended(alone, body['delegation_id'])).toMatchObject({ status: 'failed' });
    const late = randomUUID();
    await query(
      backing.postgres.adminUrl,
      `insert into delegations (id, workspace_id, request, user_id, session_id, decision, status, first_seq, deadline_at, lease_until)
       select $1, workspace_id, request, 'u', 's', decision, 'pending', 0, now(), now() from delegations where id = $2`,
      [late, body['delegation_id']],
    );
    expect((await ended(alone, late))['status']).toBe('timeout');
    await alone.stop();
    gateway = await startTestGateway(backing);
  });

  it('is finished by the next gateway when the first one stops, without asking again who has answered', async () => {
    await gateway.stop();
    const first = await startTestGateway(backing, [], { WORKER_URLS: `ai_ml=${worker.url}` });
    worker.hold();
    const { body } = await delegate(first, BIG);
    await until(async () => worker.waiting() > 1);
    worker.answerOne();
    await until(async () => ((await look(first, body['delegation_id']))['responses'] as readonly unknown[]).length === 1);
    await first.stop();
    worker.release();
    gateway = await startTestGateway(backing);
    const done = await ended(gateway, body['delegation_id']);
    expect(done).toMatchObject({ status: 'completed' });
    expect((done['responses'] as readonly Json[]).filter(({ answer }) => answer === 'fake')).toHaveLength(1);
  });
});
