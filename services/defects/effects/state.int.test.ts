import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { append, createAgent, send, transcript, type Json, type TestAgent } from '../../testing/client.ts';
import { alone, comesTrue, describeEffects } from '../../testing/effects.ts';
import { overlapping } from '../../testing/overlapping.ts';
import { startBacking, startTestGateway, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { fewest, startStatementLog } from '../../testing/statement-log.ts';
import { query } from '../../testing/stores.ts';
import { STATE_DEFECTS } from '../tables/state.ts';

const patch = (gateway: Gateway, { id, headers }: TestAgent, body: Json) => send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body });
const writeContext = (gateway: Gateway, { id, headers }: TestAgent, body: Json) =>
  send(gateway, `POST /api/v1/agents/${id}/context`, { headers, body });
const named = (count: number) => Array.from({ length: count }, (_, index) => `v${index}`);
/** Old messages are deleted every two seconds. */
const RETENTION_MS = 4_000;
const ready = (gateway: Gateway) => until(async () => (await send(gateway, 'GET /health/ready')).status === 200);

describeEffects(STATE_DEFECTS, {
  illegal_transition_allowed: async (gateway) => {
    const { id, headers } = await createAgent(gateway);
    await send(gateway, `POST /api/v1/agents/${id}/shutdown`, { headers });
    const { status } = await send(gateway, `PATCH /api/v1/agents/${id}`, { headers, body: { status: 'busy' } });
    return status === 409 ? [] : [`offline to busy was answered ${status}`];
  },
  agent_status_stuck: async (gateway) => {
    const agent = await createAgent(gateway);
    const wrong: string[] = [];
    for (const status of ['active', 'busy', 'idle', 'offline']) {
      const answered = (await patch(gateway, agent, { status })).body['status'];
      const stored = (await send(gateway, `GET /api/v1/agents/${agent.id}`, agent)).body['status'];
      if (stored !== answered) wrong.push(`${String(answered)} was acknowledged, ${String(stored)} is stored`);
    }
    return wrong;
  },
  append_read_modify_write: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const values = named(8);
    const answers = await overlapping(postgres.adminUrl, 'agent_instances', () => values.map((value) => append(gateway, agent, value)));
    const acknowledged = values.filter((_, index) => answers[index]?.status === 201);
    const stored = new Set(await transcript(gateway, agent));
    return acknowledged.filter((value) => !stored.has(value)).map((value) => `${value} was acknowledged and is gone`);
  },
  transcript_by_id: async (gateway) => {
    const agent = await createAgent(gateway);
    const values = named(8);
    for (const value of values) await append(gateway, agent, value);
    const shown = await transcript(gateway, agent);
    return shown.join() === values.join() ? [] : [`appended ${values.join()}, listed ${shown.join()}`];
  },
  transcript_cached: async (gateway) => {
    const agent = await createAgent(gateway);
    await append(gateway, agent, 'v0');
    await transcript(gateway, agent);
    await append(gateway, agent, 'v1');
    return (await transcript(gateway, agent)).includes('v1') ? [] : ['v1 was acknowledged and is not shown'];
  },
  lost_update: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const keys = named(8);
    const begin = () => keys.map((key) => patch(gateway, agent, { config: { [key]: true } }));
    const answers = await overlapping(postgres.adminUrl, 'agent_instances', begin);
    const { body } = await send(gateway, `GET /api/v1/agents/${agent.id}`, agent);
    const acknowledged = keys.filter((_, index) => answers[index]?.status === 200);
    return acknowledged.filter((key) => !Object.hasOwn(body['config'] as Json, key)).map((key) => `${key} was acknowledged and is gone`);
  },
  check_then_act_version: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const begin = () => named(8).map((value) => writeContext(gateway, agent, { data: { value }, expected_version: 0 }));
    const answers = await overlapping(postgres.adminUrl, 'agent_contexts', begin);
    const won = answers.filter(({ status }) => status === 200);
    return won.length === 1 ? [] : [`${won.length} writers with the same base were acknowledged`];
  },
  rollback_wrong_version: async (gateway) => {
    const agent = await createAgent(gateway);
    for (const value of named(3)) await writeContext(gateway, agent, { data: { value } });
    const { id, headers } = agent;
    await send(gateway, `POST /api/v1/agents/${id}/context/rollback`, { headers, body: { name: 'default', target_version: 1 } });
    const { body } = await send(gateway, `GET /api/v1/agents/${id}/context`, { headers });
    const { value } = body['data'] as Json;
    return body['version'] === 4 && value === 'v0' ? [] : [`version ${String(body['version'])} holds ${String(value)}, not v0`];
  },
  status_unlocked: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    // From idle both are legal, and of the two orders the one that ends in error alone.
    const moves = ['initializing', 'error', 'initializing', 'error'];
    const begin = () => moves.map((status) => patch(gateway, agent, { status }));
    const answers = await overlapping(postgres.adminUrl, 'agent_instances', begin);
    const { rows } = await query(
      postgres.adminUrl,
      `select data->>'previous_status' as from, data->>'status' as to from outbox where topic = 'agent_status_changed' order by seq`,
    );
    const broken = rows.some(({ from }, index) => index > 0 && from !== rows[index - 1]?.['to']);
    const accepted = answers.filter(({ status }) => status === 200).length;
    return broken ? [`${accepted} moves were accepted: ${rows.map(({ from, to }) => `${String(from)} to ${String(to)}`).join(', ')}`] : [];
  },
  refusal_on_record: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const { status } = await patch(gateway, agent, { status: 'busy' });
    const { rows } = await query(postgres.adminUrl, `select from audit_logs where event_type = 'agent.status_changed'`);
    return status === 409 && rows.length > 0 ? [`a refused move stands in the audit log ${rows.length} times`] : [];
  },
  cap_counted_apart: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const { headers } = agent;
    const make = () => send(gateway, 'POST /api/v1/agents', { headers, body: { definition_slug: 'assistant' } });
    for (let made = 1; made < 9; made += 1) await make();
    // Whoever counts, counts nine; one of four may be added.
    const admin = await connected(postgres.adminUrl);
    await admin.query('begin; lock table agent_instances in share mode');
    const answers = Array.from({ length: 4 }, make);
    const waiting = async () => (await query(postgres.adminUrl, 'select from pg_locks where not granted')).rows.length;
    await until(async () => (await waiting()) > 0);
    await comesTrue(async () => (await waiting()) === answers.length, 1_000);
    await admin.query('commit');
    await admin.end();
    const made = (await Promise.all(answers)).filter(({ status }) => status === 201).length;
    return made > 1 ? [`${9 + made} agents, 10 are allowed`] : [];
  },
  key_kept_late: async (gateway, { postgres }) => {
    const { headers } = await createAgent(gateway);
    const sent = { headers: { ...headers, 'idempotency-key': 'key-1' }, body: { title: 'once' } };
    const admin = await connected(postgres.adminUrl);
    await admin.query('begin; lock table tasks in share mode');
    const answers = Array.from({ length: 3 }, () => send(gateway, 'POST /api/v1/tasks', sent));
    const waiting = async () => (await query(postgres.adminUrl, 'select from pg_locks where not granted')).rows.length;
    await until(async () => (await waiting()) > 0);
    await comesTrue(async () => (await waiting()) === answers.length, 1_000);
    await admin.query('commit');
    await admin.end();
    const ids = new Set((await Promise.all(answers)).map(({ body }) => body['id']));
    return ids.size === 1 ? [] : [`one request with a key was done ${ids.size} times`];
  },
  messages_kept_for_ever: async (gateway, { postgres }) => {
    const { id } = await createAgent(gateway);
    await query(postgres.adminUrl, 'update agent_instances set message_count = 1050');
    await query(
      postgres.adminUrl,
      `insert into agent_messages (id, agent_id, position, direction, payload)
       select gen_random_uuid(), $1, n, 'system', '{}' from generate_series(1, 1050) n`,
      [id],
    );
    const left = async () => (await query(postgres.adminUrl, 'select from agent_messages')).rows.length;
    return (await comesTrue(async () => (await left()) <= 1000, undefined, RETENTION_MS))
      ? []
      : [`${await left()} messages are kept of one agent`];
  },
  ack_on_error: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    await postgres.stop();
    const { status } = await append(gateway, agent, 'while away');
    await postgres.start();
    await ready(gateway);
    const stored = await transcript(gateway, agent);
    return status === 201 && !stored.includes('while away') ? ['an append was acknowledged and is gone'] : [];
  },
  ack_before_commit: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const admin = await connected(postgres.adminUrl);
    const { rows } = await admin.query<{ pid: number }>(`select pid from pg_stat_activity where application_name = 'gateway' limit 1`);
    const { status } = await append(gateway, agent, 'before the crash');
    // A backend that is killed takes all the others along; then the server recovers from its log.
    const down = new Promise((resolve) => admin.once('end', resolve));
    process.kill(Number(rows[0]?.pid), 'SIGKILL');
    await down;
    await until(() => accepts(postgres.adminUrl));
    await until(async () => (await append(gateway, agent, 'after')).status === 201);
    const stored = await transcript(gateway, agent);
    return status === 201 && !stored.includes('before the crash') ? ['an append was acknowledged and is gone'] : [];
  },
  retry_without_idempotency: async (gateway, { postgres }) => {
    const agent = await createAgent(gateway);
    const admin = await connected(postgres.adminUrl);
    await admin.query('begin');
    await admin.query('select from agent_instances where id = $1 for update', [agent.id]);
    const answer = append(gateway, agent, 'once', 'key-1');
    const waiting = async () => (await query(postgres.adminUrl, 'select from pg_locks where not granted')).rows.length;
    await until(async () => (await waiting()) > 0);
    // Time for whoever does not wait for an answer to come again.
    await comesTrue(async () => (await waiting()) > 1, 1_000);
    await admin.query('commit');
    await admin.end();
    await answer;
    await append(gateway, agent, 'last');
    const stored = await transcript(gateway, agent);
    return stored.filter((value) => value === 'once').length === 1 ? [] : [`one request is stored as ${stored.join(', ')}`];
  },
  tenant_leak: async (gateway) => {
    const agent = await createAgent(gateway);
    await append(gateway, agent, 'secret');
    const paths = ['', '/messages', '/transcript'].map((path) => `GET /api/v1/agents/${agent.id}${path}`);
    const headers = { 'x-workspace-id': randomUUID() };
    const answers = await Promise.all(paths.map(async (path) => ({ path, ...(await send(gateway, path, { headers })) })));
    return answers.filter(({ status }) => status !== 404).map(({ path, status }) => `${path} from another workspace: ${status}`);
  },
  sql_concat: async (gateway) => {
    const agent = await createAgent(gateway);
    await append(gateway, agent, 'not correlated');
    const injected = encodeURIComponent(`x' or 'a'='a`);
    const { status, body } = await send(gateway, `GET /api/v1/agents/${agent.id}/messages?correlation_id=${injected}`, agent);
    return status === 200 && (body['items'] as readonly unknown[]).length === 0
      ? []
      : [`an id that nobody used finds ${JSON.stringify(body)}`];
  },
  n_plus_one: alone(async (backing, planted) => {
    const log = await startStatementLog(backing.postgres.url);
    const gateway = await startTestGateway(backing, planted, { DATABASE_URL: log.url });
    const [few, many] = [randomUUID(), randomUUID()];
    const statements = async (workspace: string, agents: number) => {
      for (let made = 0; made < agents; made++) await createAgent(gateway, workspace);
      const list = () => send(gateway, 'GET /api/v1/agents', { headers: { 'x-workspace-id': workspace } });
      return fewest(log, 'join agent_definitions', list);
    };
    const [forTwo, forEight] = [await statements(few, 2), await statements(many, 8)];
    await gateway.stop();
    await log.stop();
    return forTwo === forEight ? [] : [`${forTwo} statements for 2 agents, ${forEight} for 8`];
  }),
  deadlock_order: alone(async (backing, planted) => {
    const deadlocks = async () =>
      Number(
        (await query(backing.postgres.adminUrl, `select deadlocks from pg_stat_database where datname = 'agents'`)).rows[0]?.['deadlocks'],
      );
    const before = await deadlocks();
    const gateway = await startTestGateway(backing, planted);
    const agent = await createAgent(gateway);
    const answers = await Promise.all(named(30).map((value) => append(gateway, agent, value)));
    // The counter of a connection is exact when it has closed.
    await gateway.stop();
    const failed = answers.filter(({ status }) => status !== 201);
    // An append that failed for another reason is no effect of the defect.
    if (planted.length > 0 && failed.length > 0) await until(async () => (await deadlocks()) > before);
    const counted = (await deadlocks()) - before;
    return counted === 0 ? failed.map(({ status }) => `an append was answered ${status}`) : [`${counted} deadlocks`];
  }),
});

async function accepts(url: string): Promise<boolean> {
  try {
    return (await query(url, 'select 1')).rows.length === 1;
  } catch {
    return false;
  }
}

/** A connection that may go down with the server. */
async function connected(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

describe('what the defects leave right', () => {
  let backing: Backing;
  beforeAll(async () => {
    backing = await startBacking();
  });
  afterAll(() => backing.dispose());

  const planting = async (name: string, story: (gateway: Gateway, agent: TestAgent) => Promise<void>): Promise<void> => {
    const gateway = await startTestGateway(backing, [name]);
    try {
      await story(gateway, await createAgent(gateway));
    } finally {
      await gateway.stop();
    }
  };

  it('append_read_modify_write keeps every message of a writer who is alone', () =>
    planting('append_read_modify_write', async (gateway, agent) => {
      for (const value of ['a', 'b', 'c']) await append(gateway, agent, value);
      expect(await transcript(gateway, agent)).toEqual(['a', 'b', 'c']);
    }));

  it('lost_update keeps every key of a writer who is alone, and name and status of many', () =>
    planting('lost_update', async (gateway, agent) => {
      for (const key of ['a', 'b']) await patch(gateway, agent, { config: { [key]: 1 } });
      const { body } = await patch(gateway, agent, { name: 'n', status: 'active', config: { c: 1 } });
      expect(body).toMatchObject({ name: 'n', status: 'active', config: { a: 1, b: 1, c: 1 } });
    }));

  it('check_then_act_version tells a writer who comes later', () =>
    planting('check_then_act_version', async (gateway, agent) => {
      const write = () => writeContext(gateway, agent, { data: {}, expected_version: 0 });
      expect([(await write()).status, (await write()).status]).toEqual([200, 409]);
    }));

  it('ack_before_commit keeps everything when the database is stopped in an orderly way', () =>
    planting('ack_before_commit', async (gateway, agent) => {
      const { status } = await append(gateway, agent, 'kept');
      await backing.postgres.stop();
      await backing.postgres.start();
      await until(async () => (await append(gateway, agent, 'after')).status === 201);
      expect(status).toBe(201);
      await until(async () => (await transcript(gateway, agent)).includes('kept'));
    }));
});
