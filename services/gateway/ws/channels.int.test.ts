import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { loadFrameCheck } from '../../testing/asyncapi.ts';
import { append, createAgent, openSocket, send, type Json, type TestAgent, type TestSocket } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';
import { startTestGateway, until } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';

const { backing, gateway } = await gatewayForFile();
const problemOf = await loadFrameCheck(gateway);

const open: { readonly address: string; readonly one: TestSocket }[] = [];

/** Every frame that came is checked against the document at the end of the test. */
async function join(address: string, path: string = address): Promise<TestSocket> {
  const one = await openSocket(gateway, path);
  open.push({ address, one });
  return one;
}

afterEach(async () => {
  const all = open.splice(0);
  for (const { one } of all) one.socket.close();
  await Promise.all(all.map(({ one }) => one.closed()));
  const problems = all.flatMap(({ address, one }) =>
    one.frames.map((frame) => problemOf(address, frame)).filter((problem) => problem !== null),
  );
  if (problems.length > 0) throw new Error(problems.join('\n'));
});

const ofType = ({ frames }: TestSocket, type: string): readonly Json[] => frames.filter((frame) => frame['type'] === type);
const events = ({ frames }: TestSocket): readonly Json[] => frames.filter((frame) => 'event_type' in frame);
const seqs = (one: TestSocket): readonly number[] => events(one).map(({ seq }) => Number(seq));
const stream = (agent: TestAgent, more = ''): Promise<TestSocket> =>
  join('/ws/agents/stream', `/ws/agents/stream?workspace_id=${agent.workspace}${more}`);
const AT_ONCE = 10;
const appendMany = async (agent: TestAgent, from: number, to: number): Promise<void> => {
  for (let next = from; next < to; next += AT_ONCE) {
    const values = Array.from({ length: Math.min(AT_ONCE, to - next) }, (_, index) => `v${next + index}`);
    const answers = await Promise.all(values.map((value) => append(gateway, agent, value)));
    expect(answers.map(({ status }) => status)).toEqual(values.map(() => 201));
  }
};

describe('/ws/agents/stream', () => {
  it('delivers every event once, in order and without a gap, while several write', async () => {
    const agents = [await createAgent(gateway)];
    agents.push(await createAgent(gateway, agents[0]?.workspace));
    const [first, second] = agents as [TestAgent, TestAgent];
    const all = await stream(first);
    const some = await stream(first, `&agent_id=${second.id}`);
    await Promise.all([appendMany(first, 0, 40), appendMany(second, 0, 40)]);
    await until(async () => events(all).length >= 80 && events(some).length >= 40);
    const start = seqs(all)[0] ?? 0;
    expect(seqs(all)).toEqual(Array.from({ length: 80 }, (_, index) => start + index));
    expect(events(some).every(({ agent_id: id }) => id === second.id)).toBe(true);
    expect(seqs(some)).toEqual(seqs(some).toSorted((a, b) => a - b));
  });

  it('resumes after a disconnect: nothing missing, nothing double', async () => {
    const agent = await createAgent(gateway);
    const before = await stream(agent);
    await appendMany(agent, 0, 10);
    await until(async () => events(before).length >= 10);
    before.socket.terminate();
    await appendMany(agent, 10, 260);
    const writing = appendMany(agent, 260, 300);
    const after = await stream(agent, `&since_seq=${seqs(before).at(-1)}`);
    await writing;
    await until(async () => events(before).length + events(after).length >= 300);
    const start = seqs(before)[0] ?? 0;
    expect([...seqs(before), ...seqs(after)]).toEqual(Array.from({ length: 300 }, (_, index) => start + index));
  });

  it('says when what was missed is no longer kept, and refuses a number that was never given out', async () => {
    const agent = await createAgent(gateway);
    await appendMany(agent, 0, 3);
    await query(backing.postgres.adminUrl, 'delete from outbox where workspace_id = $1 and seq <= 2', [agent.workspace]);
    const one = await stream(agent, '&since_seq=0');
    await until(async () => events(one).length === 2);
    expect(ofType(one, 'error')).toMatchObject([{ code: 'events_expired' }]);
    expect(await (await stream(agent, '&since_seq=1000')).closed()).toBe(1003);
    expect(await (await stream(agent, '&since_seq=-1')).closed()).toBe(1003);
  });

  it('takes acknowledgements, and survives what it cannot read', async () => {
    const agent = await createAgent(gateway);
    const [hostile, bystander] = [await stream(agent), await stream(agent)];
    for (const frame of ['{', '', '[]', '"\\u0000"', { type: 'ack', seq: 'x' }, { type: 'nothing' }]) hostile.send(frame);
    hostile.socket.send(Buffer.from([0xff, 0x00]));
    hostile.send({ type: 'ack', seq: 1 });
    await until(async () => ofType(hostile, 'error').length === 7);
    await append(gateway, agent, 'still here');
    await until(async () => events(hostile).length === 1 && events(bystander).length === 1);
    expect(ofType(hostile, 'error').map(({ code }) => code)).toEqual([
      'malformed_frame',
      'malformed_frame',
      'unknown_message',
      'malformed_frame',
      'unknown_message',
      'unknown_message',
      'malformed_frame',
    ]);
  });

  it('never shows what belongs to others', async () => {
    const [mine, theirs] = [await createAgent(gateway), await createAgent(gateway)];
    const sibling = await createAgent(gateway, mine.workspace);
    const watchers = await Promise.all([
      stream(mine, `&agent_id=${mine.id}`),
      join('/ws/agents/{id}', `/ws/agents/${mine.id}?workspace_id=${mine.workspace}`),
    ]);
    const foreign = await join('/ws/agents/{id}', `/ws/agents/${theirs.id}?workspace_id=${mine.workspace}`);
    expect(await foreign.closed()).toBe(1003);
    await Promise.all([appendMany(theirs, 0, 5), appendMany(sibling, 0, 5)]);
    await append(gateway, mine, 'last');
    await until(async () => watchers.every((one) => events(one).length > 0));
    expect(watchers.map((one) => events(one).map(({ agent_id: id }) => id))).toEqual([[mine.id], [mine.id]]);
  });
});

describe('/ws/tasks/{id}', () => {
  it('delivers what happens to one task', async () => {
    const { workspace, headers } = await createAgent(gateway);
    const create = (title: string) => send(gateway, 'POST /api/v1/tasks', { headers, body: { title, required_capabilities: [] } });
    const [task, other] = [await create('watched'), await create('another')];
    expect([task.status, other.status]).toEqual([201, 201]);
    const one = await join('/ws/tasks/{id}', `/ws/tasks/${String(task.body['id'])}?workspace_id=${workspace}`);
    for (const { body } of [other, task]) await send(gateway, `POST /api/v1/tasks/${String(body['id'])}/cancel`, { headers, body: {} });
    await until(async () => events(one).length > 0);
    expect(events(one).map(({ task_id: id, event_type: type }) => [id, type])).toEqual([[task.body['id'], 'task_event']]);
  });
});

describe('/ws', () => {
  it('tells every watcher the same every second, from one look at the database', async () => {
    const [first, second] = [await join('/ws'), await join('/ws')];
    await until(async () => first.frames.length >= 2 && second.frames.length >= 2);
    const times = ({ frames }: TestSocket): readonly unknown[] => frames.slice(-2).map(({ timestamp }) => timestamp);
    expect(times(first)).toEqual(times(second));
    const [earlier, later] = times(first).map((time) => Date.parse(String(time))) as [number, number];
    expect(later - earlier).toBeGreaterThan(900);
    first.send({ type: 'anything' });
    await until(async () => ofType(first, 'error').length === 1);
  });
});

describe('/ws/dashboard', () => {
  it('tells of the topics that were asked for, and answers what it is asked', async () => {
    const agent = await createAgent(gateway);
    const path = `/ws/dashboard?connection_id=wall-1&workspace_id=${agent.workspace}`;
    const [one, silent] = [await join('/ws/dashboard', path), await join('/ws/dashboard', path)];
    one.send({ type: 'subscribe', topic: 'agents' });
    silent.send({ type: 'subscribe', topic: 'tasks' });
    await until(async () => ofType(one, 'subscription_confirmed').length === 1 && ofType(silent, 'subscription_confirmed').length === 1);
    expect(ofType(one, 'subscription_confirmed')).toMatchObject([{ topic: 'agents', connection_id: 'wall-1' }]);
    const startedAt = Date.now();
    await append(gateway, agent, 'seen');
    await until(async () => ofType(one, 'state_changed').length === 1);
    const [changed] = ofType(one, 'state_changed');
    expect(changed).toMatchObject({ topic: 'agents', event_type: 'agent_message', agent_id: agent.id });
    expect(Date.parse(String(changed?.['source_ts']))).toBeGreaterThanOrEqual(startedAt - 1);
    for (const message of [{ type: 'ping' }, { type: 'get_status' }, { type: 'subscribe', topic: 'nothing' }, '{']) one.send(message);
    await until(async () => ofType(one, 'error').length === 2 && ofType(one, 'stats').length === 1 && ofType(one, 'pong').length === 1);
    expect(ofType(one, 'stats')[0]?.['connections']).toBe(2);
    expect(ofType(silent, 'state_changed')).toEqual([]);
  });

  it('tells of operations and workflows', async () => {
    const { workspace, headers } = await createAgent(gateway);
    const one = await join('/ws/dashboard', `/ws/dashboard?workspace_id=${workspace}`);
    for (const topic of ['operations', 'workflows']) one.send({ type: 'subscribe', topic });
    await until(async () => ofType(one, 'subscription_confirmed').length === 2);
    const body = { operation_type: 'data_pipeline', parameters: { records: [{ id: 1, value: 2 }] } };
    expect((await send(gateway, 'POST /operations', { headers, body })).status).toBe(202);
    const tasks = [{ id: 'a', name: 'first', capability: 'answer', work_ms: 1 }];
    expect(
      (await send(gateway, 'POST /api/v1/workflows', { headers, body: { name: 'short', strategy: 'sequential', tasks } })).status,
    ).toBe(202);
    const statuses = (topic: string): readonly unknown[] =>
      ofType(one, 'state_changed').flatMap((frame) => (frame['topic'] === topic ? [(frame['data'] as Json)['status']] : []));
    await until(async () => statuses('operations').includes('completed') && statuses('workflows').includes('completed'));
    expect(statuses('operations')).toEqual(['idle', 'planning', 'executing', 'validating', 'completed']);
  });

  it('says something after a silence', async () => {
    const quick = await startTestGateway(backing, [], { WS_HEARTBEAT_MS: '100' });
    const one = await openSocket(quick, '/ws/dashboard');
    await until(async () => ofType(one, 'keepalive').length >= 2);
    expect(one.frames.map((frame) => problemOf('/ws/dashboard', frame))).toEqual(one.frames.map(() => null));
    one.socket.close();
    await quick.stop();
  });

  it('answers with an error while the figures cannot be read', async () => {
    const one = await join('/ws/dashboard');
    await backing.postgres.stop();
    one.send({ type: 'get_status' });
    await until(async () => ofType(one, 'error').length === 1);
    expect(ofType(one, 'error')).toMatchObject([{ code: 'dependency_unavailable' }]);
    await backing.postgres.start();
    await until(async () => (await send(gateway, 'GET /health/ready')).status === 200);
  });
});

describe('/ws/delegations/{id}', () => {
  it('tells an early and a late watcher the same, from the first frame to the last, and closes', async () => {
    const workspace = randomUUID();
    const headers = { 'x-workspace-id': workspace };
    const body = { request: 'Analyse the data and compare the results', user_id: 'u', session_id: 's' };
    const created = await send(gateway, 'POST /api/v1/delegations', { headers, body });
    expect(created.status).toBe(202);
    const path = `/ws/delegations/${String(created.body['delegation_id'])}?workspace_id=${workspace}`;
    const early = await join('/ws/delegations/{id}', path);
    expect(await early.closed()).toBe(1000);
    const late = await join('/ws/delegations/{id}', path);
    expect(await late.closed()).toBe(1000);
    expect(early.frames.map(({ seq }) => seq)).toEqual(early.frames.map((_, index) => index + 1));
    expect(['delegation_completed', 'error']).toContain(early.frames.at(-1)?.['type']);
    expect(late.frames).toEqual(early.frames);
  });
});
