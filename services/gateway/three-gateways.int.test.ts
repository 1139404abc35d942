import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { append, createAgent, openSocket, send, type Json } from '../testing/client.ts';
import { forFile, gatewayForFile } from '../testing/file-stack.ts';
import { runGateway } from '../testing/program.ts';
import { startTestGateway, until, type Gateway } from '../testing/stack.ts';
import { onRedis, query } from '../testing/stores.ts';

/**
 * Over one Postgres and one Redis: two in this process, and the compiled program, which can be killed. On a busy machine a turn that begins
 * late refuses nothing.
 */
const QUICK = { STREAM_RETRY_MS: '100', STREAM_STALE_MS: '1000', REQUESTS_BEHIND_MS: '5000' };
const ENDED = `'completed', 'failed', 'escalating'`;
const QUESTION = 'find the report';

const { backing, gateway: first } = await gatewayForFile(QUICK);
const second = await forFile(
  () => startTestGateway(backing, [], QUICK),
  (started) => started.stop(),
);
const program = await forFile(
  () => runGateway(backing, QUICK),
  ({ child, exited }) => {
    child.kill('SIGKILL');
    return exited;
  },
);
const all: readonly Pick<Gateway, 'url' | 'wsUrl'>[] = [first, second, { url: program.url, wsUrl: program.url.replace('http', 'ws') }];

/** The gateways in turn. */
const nth = (index: number) => all[index % all.length] as Gateway;
const rows = async (text: string, ...values: unknown[]) => (await query(backing.postgres.adminUrl, text, values)).rows;
const tier = async (gateway: Pick<Gateway, 'url'>, workspace: string): Promise<unknown> =>
  (await send(gateway, 'POST /api/v1/patterns/execute', { headers: { 'x-workspace-id': workspace }, body: { query: QUESTION } })).body[
    'cache_tier'
  ];
const say = (gateway: Pick<Gateway, 'url'>, agent: string, value: string) =>
  send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'x', to_agent: agent, type: 't', payload: { value } } });
const processed = async (agent: string): Promise<readonly string[]> =>
  (await rows(`select payload->>'value' as value from agent_stream_messages where agent = $1`, agent)).map(({ value }) => String(value));
const inOrder = (a: string, b: string): number => a.localeCompare(b);

describe('three gateways', () => {
  it('all hear of an invalidation and of a write, whichever took it', async () => {
    for (const asked of all) {
      const workspace = randomUUID();
      const warm = () => until(async () => (await Promise.all(all.map((one) => tier(one, workspace)))).every((from) => from === 'local'));
      const headers = { 'x-workspace-id': workspace };
      await warm();
      const before = await send(asked, 'POST /api/v1/cache/invalidate', { headers, body: { prefix: 'cache:' } });
      expect(before.body).toEqual({ invalidated: 1 });
      // Heard of within moments. The first to ask makes it anew, the others get what it made.
      const tiers: unknown[] = [];
      for (const one of all) {
        await until(async () => {
          const from = await tier(one, workspace);
          if (from !== 'local') tiers.push(from);
          return from !== 'local';
        });
      }
      expect(tiers).toEqual(['none', 'shared', 'shared']);
      await warm();
      await send(asked, 'POST /api/v1/memories', { headers, body: { content: 'the report is late' } });
      expect(await tier(asked, workspace)).toBe('none');
    }
  });

  it('process each message once', async () => {
    const agent = randomUUID();
    const values = Array.from({ length: 90 }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value, index) => say(nth(index), agent, value)));
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    await until(async () => (await processed(agent)).length >= values.length);
    expect((await processed(agent)).toSorted(inOrder)).toEqual(values.toSorted(inOrder));
    await until(async () => (await send(nth(1), `GET /api/v1/streams/agent_messages:${agent}`)).body['pending'] === 0);
  });

  it('bring each event once and in order to every subscriber, whichever took the write', async () => {
    const agent = await createAgent(nth(0));
    const path = `/ws/agents/stream?workspace_id=${agent.workspace}&agent_id=${agent.id}&since_seq=0`;
    const sockets = await Promise.all(all.map((one) => openSocket(one as Gateway, path)));
    const published: number[] = [];
    await onRedis(backing.redis.url, async (redis) => {
      await redis.subscribe(`agent_events:${agent.id}`);
      redis.on('message', (_channel, text) => published.push((JSON.parse(text) as { seq: number }).seq));
      const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => append(nth(index), agent, `v${index}`)));
      expect(answers.every(({ status }) => status === 201)).toBe(true);
      const seen = (frames: readonly Json[]) => frames.filter(({ seq }) => seq !== undefined).map(({ seq }) => Number(seq));
      const expected = Array.from({ length: 31 }, (_, index) => index + 1);
      await until(async () => sockets.every(({ frames }) => seen(frames).length >= expected.length));
      for (const { frames } of sockets) expect(seen(frames)).toEqual(expected);
      await until(async () => published.length >= 30);
      expect(new Set(published).size).toBe(published.length);
    });
    for (const { socket } of sockets) socket.close();
  });

  it('count their own connections', async () => {
    const sockets = await Promise.all([0, 1, 2, 0].map((index) => openSocket(nth(index), `/ws/mcp?agent_id=counted`)));
    const counted = async () =>
      Promise.all(all.map(async (one) => ((await send(one, 'GET /api/v1/ws/sessions')).body['by_agent'] as Json)['counted'] ?? 0));
    expect(await counted()).toEqual([2, 1, 1]);
    for (const { socket } of sockets) socket.close();
    await until(async () => (await counted()).every((count) => count === 0));
  });

  it('run each operation once', async () => {
    const body = { operation_type: 'ai_inference', parameters: { text: 'count me' } };
    const created = await Promise.all(Array.from({ length: 12 }, (_, index) => send(nth(index), 'POST /operations', { body })));
    const ids = created.map(({ body: operation }) => String(operation['operation_id']));
    const statuses = async () =>
      Promise.all(ids.map(async (id, index) => (await send(nth(index + 1), `GET /operations/${id}`)).body['status']));
    await until(async () => (await statuses()).every((status) => status === 'completed'));
    for (const id of ids) {
      const usage = (await send({ url: backing.meterUrl }, `GET /v1/usage?op=${id}`)).body;
      const [ledger] = await rows(
        'select count(*)::int as entries, sum(prompt + completion)::int as tokens from token_ledger where op_id = $1',
        id,
      );
      expect(ledger).toEqual({ entries: 1, tokens: usage['total_tokens'] });
    }
  });

  // The last one: the program is gone after it.
  it('take over from one that was killed', async () => {
    const agent = randomUUID();
    const victim = nth(2);
    const values = Array.from({ length: 60 }, (_, index) => `v${index}`);
    const acknowledged: string[] = [];
    const accepted: string[] = [];
    const sending = values.map(async (value) => {
      if ((await say(victim, agent, value)).status === 201) acknowledged.push(value);
    });
    const body = { operation_type: 'data_pipeline', parameters: { records: [{ id: 1, value: 2 }] } };
    const operations = Array.from({ length: 6 }, async () => {
      accepted.push(String((await send(victim, 'POST /operations', { body })).body['operation_id']));
    });
    const settled = Promise.allSettled([...sending, ...operations]);
    await until(async () => acknowledged.length > 20 && accepted.length > 2);
    program.child.kill('SIGKILL');
    await program.exited;
    await settled;
    await until(async () => {
      const stored = new Set(await processed(agent));
      return acknowledged.every((value) => stored.has(value));
    });
    expect(new Set(await processed(agent)).size).toBe((await processed(agent)).length);
    await until(async () => (await send(nth(0), `GET /api/v1/streams/agent_messages:${agent}`)).body['pending'] === 0);
    // What the dead one had begun is claimed until its lease runs out, which takes half a minute.
    await rows(`update operations set lease_until = now() where id = any($1) and status not in (${ENDED})`, accepted);
    await until(async () => (await rows(`select from operations where id = any($1) and status not in (${ENDED})`, accepted)).length === 0);
  });
});
