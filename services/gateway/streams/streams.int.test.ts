import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { send, type Answer } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until } from '../../testing/stack.ts';
import { onRedis, query } from '../../testing/stores.ts';

/** Short times, so that three tries take half a second; and on a busy machine a turn that begins late refuses nothing. */
const QUICK = { STREAM_RETRY_MS: '50', STREAM_STALE_MS: '400', STREAM_KEEP: '100', REQUESTS_BEHIND_MS: '5000' };

const { backing, gateway } = await gatewayForFile(QUICK);

const inOrder = (a: string, b: string): number => a.localeCompare(b);
const newAgent = (): string => `agent-${randomUUID()}`;
const redis = <T>(work: (connection: Redis) => Promise<T>): Promise<T> => onRedis(backing.redis.url, work);
const say = (agent: string | null, value: unknown, more: object = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  send(gateway, 'POST /api/v1/messages', {
    headers,
    body: { from_agent: 'test', to_agent: agent, type: 't', payload: { value }, ...more },
  });
/** So many at a time that none is refused for being too much at once. */
const TOGETHER = 25;
const sayAll = async (agent: string, first: number, count: number): Promise<void> => {
  for (let done = 0; done < count; done += TOGETHER) {
    const answers = await Promise.all(Array.from({ length: TOGETHER }, (_, index) => say(agent, first + done + index)));
    expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
  }
};
const processed = async (agent: string): Promise<readonly unknown[]> => {
  const text = `select payload->'value' as value from agent_stream_messages where agent = $1 order by processed_at, stream_id`;
  return (await query(backing.postgres.adminUrl, text, [agent])).rows.map(({ value }) => value);
};
const state = async (agent: string) => (await send(gateway, `GET /api/v1/streams/agent_messages:${agent}`)).body;
const letters = async (agent: string, headers: Record<string, string> = {}) =>
  (await send(gateway, `GET /api/v1/streams/agent_messages:${agent}/dlq`, { headers })).body['items'] as Readonly<
    Record<string, unknown>
  >[];
const replay = (stream: string, body: object = {}) => send(gateway, `POST /api/v1/streams/${stream}/replay`, { body });
/** Whatever somebody else put there. */
const addRaw = (agent: string, ...fields: readonly string[]) =>
  redis(async (connection) => {
    await connection.sadd('agent_streams', agent);
    return connection.xadd(`agent_messages:${agent}`, '*', ...fields);
  });

describe('a message', () => {
  it('is kept with all it says, once per idempotency key', async () => {
    const agent = newAgent();
    const more = { priority: 9, ttl_s: 60, correlation_id: 'c-1' };
    const answers = await Promise.all([1, 2, 3].map(() => say(agent, 1, more, { 'idempotency-key': 'k' })));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 201]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(await say(agent, 2, more, { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      body: { error: { code: 'idempotency_conflict' } },
    });
    await until(async () => (await processed(agent)).length === 1);
    const [row] = (await query(backing.postgres.adminUrl, 'select * from agent_stream_messages where agent = $1', [agent])).rows;
    expect(row).toMatchObject({
      from_agent: 'test',
      type: 't',
      priority: 9,
      correlation_id: 'c-1',
      message_id: answers[0]?.body['message_id'],
    });
    expect((await state(agent))['length']).toBe(1);
  });

  it('to everybody goes through the broadcast stream and its group', async () => {
    const { body } = await say(null, 'hello all');
    expect(body['stream']).toBe('agent_messages:broadcast');
    await until(async () => (await processed('broadcast')).includes('hello all'));
    expect(await state('broadcast')).toMatchObject({ pending: 0, groups: [{ name: 'group_broadcast' }] });
  });

  it('that waited too long is not processed but kept as expired', async () => {
    const agent = newAgent();
    const sent = new Date(Date.now() - 5000).toISOString();
    const late = [
      'message_id',
      randomUUID(),
      'from_agent',
      'x',
      'type',
      't',
      'payload',
      '{"value":"late"}',
      'timestamp',
      sent,
      'ttl_s',
      '1',
    ];
    await addRaw(agent, ...late);
    await until(async () => (await letters(agent)).length === 1);
    expect((await letters(agent))[0]).toMatchObject({ reason: 'expired', message_id: late[1], tries: 1 });
    expect(await processed(agent)).toEqual([]);
    expect((await replay(`dlq:agent_messages:${agent}`)).body).toMatchObject({ read: 1, replayed: 1 });
    await until(async () => (await processed(agent)).includes('late'));
  });

  it.each(['agent_streams', 'outbox:x', 'agent_messages:', 'agent_messages:a/b', 'dlq:outbox:x'])(
    'cannot be looked for in %s',
    async (key) => {
      expect((await send(gateway, `GET /api/v1/streams/${encodeURIComponent(key)}`)).status).toBe(404);
      expect((await replay(encodeURIComponent(key))).status).toBe(404);
    },
  );
});

describe('a message that cannot be processed', () => {
  it('is dead after three tries, keeps no other from being processed, and can be replayed when the cause is gone', async () => {
    const agent = newAgent();
    const admin = (text: string) => query(backing.postgres.adminUrl, text);
    await admin(`alter table agent_stream_messages add constraint no_poison check (payload->>'value' <> 'poison')`);
    for (const value of ['a', 'poison', 'b']) await say(agent, value);
    await addRaw(agent, 'nonsense', '1');
    await until(async () => (await letters(agent)).length === 2);
    expect(await processed(agent)).toEqual(['a', 'b']);
    expect((await letters(agent)).map(({ tries }) => tries)).toEqual([3, 3]);
    expect((await letters(agent)).map(({ reason }) => String(reason)).toSorted(inOrder)[1]).toBe('not a message');
    await admin('alter table agent_stream_messages drop constraint no_poison');
    const replays = await Promise.all([1, 2].map(() => replay(`dlq:agent_messages:${agent}`)));
    expect(replays.reduce((sum, { body }) => sum + Number(body['replayed']), 0)).toBe(2);
    await until(async () => (await processed(agent)).length === 3);
    await until(async () => (await letters(agent)).length === 1);
    expect(await processed(agent)).toEqual(['a', 'b', 'poison']);
    expect((await letters(agent))[0]).toMatchObject({ message_id: null, fields: ['nonsense', '1'] });
  });

  it('stays in the stream while there is no room among the dead letters', async () => {
    const agent = newAgent();
    const dlq = `dlq:agent_messages:${agent}`;
    await redis((connection) => connection.eval(`for n = 1, 10000 do redis.call('XADD', KEYS[1], '*', 'x', 'y') end`, 1, dlq));
    await addRaw(agent, 'nonsense', '1');
    const tries = async () => {
      const pending = redis((connection) => connection.xpending(`agent_messages:${agent}`, `group_${agent}`, '-', '+', 1));
      return ((await pending.catch(() => [])) as readonly (readonly unknown[])[])[0]?.[3];
    };
    await until(async () => (await tries()) === 3);
    expect(await letters(agent)).toEqual([]);
    await redis((connection) => connection.xtrim(dlq, 'MAXLEN', 9999));
    await until(async () => (await redis((connection) => connection.xlen(`agent_messages:${agent}`))) === 0);
    expect(await redis((connection) => connection.xlen(dlq))).toBe(10_000);
  });

  it('is shown page by page to its workspace and to no other', async () => {
    const agent = newAgent();
    const mine = randomUUID();
    for (const workspace of [mine, randomUUID(), mine]) await addRaw(agent, 'workspace_id', workspace);
    await until(async () => (await redis((connection) => connection.xlen(`dlq:agent_messages:${agent}`))) === 3);
    const headers = { 'x-workspace-id': mine };
    expect(await letters(agent, headers)).toHaveLength(2);
    expect(await letters(agent)).toEqual([]);
    const path = `GET /api/v1/streams/agent_messages:${agent}/dlq?limit=1`;
    const first = await send(gateway, path, { headers });
    const second = await send(gateway, `${path}&cursor=${String(first.body['next_cursor'])}`, { headers });
    expect(second.body['items']).toHaveLength(1);
    expect(second.body['items']).not.toEqual(first.body['items']);
    expect(second.body['next_cursor']).toBe(null);
    expect((await replay(`dlq:agent_messages:${agent}`)).body['replayed']).toBe(0);
  });
});

describe('the streams', () => {
  it('replay what was processed without a second effect, and bring back what the database lost', async () => {
    const agent = newAgent();
    for (const value of [1, 2, 3]) await say(agent, value);
    await until(async () => (await state(agent))['pending'] === 0 && (await processed(agent)).length === 3);
    await query(backing.postgres.adminUrl, `delete from agent_stream_messages where agent = $1 and payload->>'value' = '2'`, [agent]);
    expect((await replay(`agent_messages:${agent}`, { count: 2 })).body).toMatchObject({ read: 2, replayed: 2 });
    expect((await replay(`agent_messages:${agent}`)).body).toMatchObject({ next_id: null });
    await until(async () => (await processed(agent)).length === 3);
    await until(async () => (await state(agent))['pending'] === 0);
    expect((await processed(agent)).map(String).toSorted(inOrder)).toEqual(['1', '2', '3']);
    expect(
      (await query(backing.postgres.adminUrl, `select from audit_logs where event_type = 'stream.replayed'`)).rows.length,
    ).toBeGreaterThan(0);
  });

  it('are trimmed, but never of what is not processed', async () => {
    const agent = newAgent();
    await sayAll(agent, 0, 150);
    await backing.postgres.stop();
    await sayAll(agent, 1000, 450);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await backing.postgres.start();
    await until(async () => (await processed(agent)).length === 600);
    await until(async () => Number((await state(agent))['length']) <= 200);
    expect(Number((await state(agent))['length'])).toBeGreaterThanOrEqual(100);
    expect(await letters(agent)).toEqual([]);
  });

  it('count no try while the database is away', async () => {
    const agent = newAgent();
    await backing.postgres.stop();
    await say(agent, 'patient');
    const deliveries = async () => redis((connection) => connection.xpending(`agent_messages:${agent}`, `group_${agent}`, '-', '+', 10));
    await until(async () => (await deliveries().catch(() => [])).length === 1);
    // Four rounds' worth of the longest wait between two tries.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(((await deliveries()) as readonly (readonly unknown[])[])[0]?.[3]).toBe(1);
    await backing.postgres.start();
    await until(async () => (await processed(agent)).length === 1);
    expect(await letters(agent)).toEqual([]);
  });

  it('give what a dead consumer held to another, and forget the dead', async () => {
    const agent = newAgent();
    const [stream, group] = [`agent_messages:${agent}`, `group_${agent}`];
    await redis(async (connection) => {
      await connection.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
      await connection.xadd(stream, '*', 'message_id', randomUUID(), 'from_agent', 'x', 'type', 't', 'payload', '{"value":1}');
      await connection.xreadgroup('GROUP', group, 'dead', 'STREAMS', stream, '>');
      await connection.sadd('agent_streams', agent);
    });
    await until(async () => (await processed(agent)).length === 1);
    await until(async () => (await state(agent))['consumers'] === 1);
    expect(await state(agent)).toMatchObject({ pending: 0 });
  });

  it('lose nothing and do nothing twice when Redis restarts in between', async () => {
    const agent = newAgent();
    const answers: (readonly [string, number])[] = [];
    const sayOne = async (value: string): Promise<void> => {
      answers.push([value, (await say(agent, value, {}, { 'idempotency-key': `${agent} ${value}` })).status]);
    };
    const values = Array.from({ length: 60 }, (_, index) => `v${index}`);
    const sending = (async () => {
      for (const value of values) await sayOne(value);
    })();
    await until(async () => answers.length > 10);
    await backing.redis.stop();
    await sending;
    await backing.redis.start();
    const refused = answers.filter(([, status]) => status === 503).map(([value]) => value);
    expect(answers.every(([, status]) => [201, 503].includes(status))).toBe(true);
    expect(refused.length).toBeGreaterThan(0);
    await until(async () => (await send(gateway, 'GET /health')).body['status'] === 'healthy');
    for (const value of refused) await sayOne(value);
    await until(async () => (await processed(agent)).length >= values.length);
    await until(async () => (await state(agent))['pending'] === 0);
    expect((await processed(agent)).map(String).toSorted(inOrder)).toEqual(values.toSorted(inOrder));
  });

  it('go when all was processed long ago, and come back with the next message', async () => {
    const agent = newAgent();
    await redis(async (connection) => {
      await connection.sadd('agent_streams', agent);
      const fields = ['message_id', randomUUID(), 'from_agent', 'x', 'type', 't', 'payload', '{"value":"old"}'];
      await connection.xadd(`agent_messages:${agent}`, '1000-0', ...fields);
    });
    await until(async () => (await processed(agent)).length === 1);
    await until(async () => (await send(gateway, `GET /api/v1/streams/agent_messages:${agent}`)).status === 404);
    expect(await redis((connection) => connection.sismember('agent_streams', agent))).toBe(0);
    await say(agent, 'new');
    await until(async () => (await processed(agent)).length === 2);
  });

  it('take their consumer out when the process ends', async () => {
    const agent = newAgent();
    const second = await startTestGateway(backing, [], QUICK);
    const consumers = async () =>
      ((await redis((connection) => connection.xinfo('CONSUMERS', `agent_messages:${agent}`, `group_${agent}`))) as unknown[]).length;
    await until(async () => {
      for (const one of [gateway, second]) {
        await send(one, 'POST /api/v1/messages', { body: { from_agent: 'x', to_agent: agent, type: 't', payload: 1 } });
      }
      return (await consumers()) === 2;
    });
    await second.stop();
    expect(await consumers()).toBe(1);
  });
});

describe('a committed event', () => {
  it('is published once, and keeps the metadata of its agent', async () => {
    const heard: string[] = [];
    const workspace = randomUUID();
    await redis(async (connection) => {
      await connection.psubscribe('agent_events:*', 'system_events');
      connection.on('pmessage', (_pattern, channel, text) => heard.push(`${channel} ${(JSON.parse(text) as { seq: number }).seq}`));
      const headers = { 'x-workspace-id': workspace };
      const { body } = await send(gateway, 'POST /api/v1/agents', { headers, body: { definition_slug: 'assistant' } });
      const id = String(body['id']);
      await send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status: 'initializing' } });
      await until(async () => (await redis((other) => other.hget(`agent_metadata:${id}`, 'status'))) !== null && heard.length >= 2);
      const metadata = await redis((other) => other.hgetall(`agent_metadata:${id}`));
      expect(metadata).toMatchObject({ definition: 'assistant' });
      expect(await redis((other) => other.ttl(`agent_metadata:${id}`))).toBeGreaterThan(3500);
      expect(new Set(heard).size).toBe(heard.length);
      expect(heard[0]).toBe(`agent_events:${id} 1`);
    });
  });
});
