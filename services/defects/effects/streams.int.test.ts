import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { send, type Answer } from '../../testing/client.ts';
import { comesTrue, describeEffects, type Probe } from '../../testing/effects.ts';
import { answers as isAnswered, runGateway } from '../../testing/program.ts';
import { startTestGateway, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { onRedis, query, startRedis } from '../../testing/stores.ts';
import { STREAMS_DEFECTS } from '../tables/streams.ts';

type To = Pick<Gateway, 'url'>;

/** `tier`: from where the answer came. */
async function ask(gateway: To, question: string, workspace: string): Promise<{ readonly tier: unknown; readonly text: unknown }> {
  const { body } = await send(gateway, 'POST /api/v1/patterns/execute', {
    headers: { 'x-workspace-id': workspace },
    body: { query: question },
  });
  return { tier: body['cache_tier'], text: (body['result'] as Readonly<Record<string, unknown>> | undefined)?.['text'] };
}

const invalidateAll = (gateway: To, workspace: string): Promise<Answer> =>
  send(gateway, 'POST /api/v1/cache/invalidate', { headers: { 'x-workspace-id': workspace }, body: { prefix: 'cache:exec:' } });

const say = (gateway: To, agent: string, value: unknown): Promise<Answer> =>
  send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'probe', to_agent: agent, type: 't', payload: { value } } });

const onItsRedis = <T>({ redis }: Backing, work: (connection: Redis) => Promise<T>): Promise<T> => onRedis(redis.url, work);

async function processed({ postgres }: Backing, agent: string): Promise<readonly unknown[]> {
  const { rows } = await query(postgres.adminUrl, `select payload->>'value' as value from agent_stream_messages where agent = $1`, [agent]);
  return rows.map(({ value }) => value);
}

const groupState = ({ redis }: Backing, agent: string) =>
  onRedis(redis.url, async (connection) => {
    const [group = []] = (await connection.xinfo('GROUPS', `agent_messages:${agent}`)) as readonly (readonly unknown[])[];
    const value = (name: string): unknown => group[group.indexOf(name) + 1];
    const [last] = await connection.xrevrange(`agent_messages:${agent}`, '+', '-', 'COUNT', 1);
    return { isRead: value('last-delivered-id') === last?.[0], pending: Number(value('pending')) };
  });

/** All that is in the stream was read and acknowledged; a healthy gateway has stored it by then. */
async function isSettled(backing: Backing, agent: string): Promise<boolean> {
  const { isRead, pending } = await groupState(backing, agent);
  return isRead && pending === 0;
}

interface Away {
  readonly messages: number;
  /** Whether all of them have to be read before the database is back. */
  readonly read: boolean;
}

/** Messages are sent while the database is away; they must be there when it is back. */
function survivesPostgresAway({ messages, read }: Away): Probe {
  return async (gateway, backing) => {
    const agent = randomUUID();
    await say(gateway, agent, 'first');
    await until(async () => (await processed(backing, agent)).length === 1);
    await backing.postgres.stop();
    const values = Array.from({ length: messages }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value) => say(gateway, agent, value)));
    if (read) await until(async () => (await groupState(backing, agent)).isRead);
    await backing.postgres.start();
    const acknowledged = values.filter((_, index) => answers[index]?.status === 201);
    if (acknowledged.length < messages) return [`${messages - acknowledged.length} messages were refused`];
    const missing = async (): Promise<readonly string[]> => {
      const stored = new Set(await processed(backing, agent));
      return acknowledged.filter((value) => !stored.has(value));
    };
    await until(() => isSettled(backing, agent));
    await comesTrue(async () => (await missing()).length === 0, 2_000);
    return (await missing()).map((value) => `${value} was acknowledged and is not processed`);
  };
}

const leftByTheDead: Probe = async (_gateway, backing) => {
  const agent = randomUUID();
  const [stream, group] = [`agent_messages:${agent}`, `group_${agent}`];
  await onItsRedis(backing, async (connection) => {
    await connection.xgroup('CREATE', stream, group, '0', 'MKSTREAM');
    await connection.xadd(stream, '*', 'message_id', randomUUID(), 'from_agent', 'x', 'type', 't', 'payload', '{"value":"left"}');
    const [entry] =
      ((await connection.xreadgroup('GROUP', group, 'dead', 'STREAMS', stream, '>')) as unknown as [string, [string][]][])[0]?.[1] ?? [];
    await connection.xclaim(stream, group, 'dead', 0, entry?.[0] ?? '', 'IDLE', 60_000);
    await connection.sadd('agent_streams', agent);
  });
  const isTaken = await comesTrue(async () => (await processed(backing, agent)).length === 1);
  return isTaken ? [] : ['what a dead consumer had read is still pending'];
};

const poisonIsKept: Probe = async (_gateway, backing) => {
  const agent = randomUUID();
  await onItsRedis(backing, async (connection) => {
    await connection.sadd('agent_streams', agent);
    await connection.xadd(`agent_messages:${agent}`, '*', 'nonsense', '1');
  });
  await until(async () => {
    const left = await onItsRedis(backing, (connection) => connection.xlen(`dlq:agent_messages:${agent}`));
    return left === 1 || (await isSettled(backing, agent));
  });
  const kept = await onItsRedis(backing, (connection) => connection.xlen(`dlq:agent_messages:${agent}`));
  return kept === 1 ? [] : ['a message that cannot be processed is nowhere'];
};

/** Everything stands still for longer than a command may take, in the middle of sending. */
const slowRedis: Probe = async (gateway, backing) => {
  const agent = randomUUID();
  await say(gateway, agent, 'first');
  await until(async () => (await processed(backing, agent)).length === 1);
  await onItsRedis(backing, (connection) => connection.call('CLIENT', 'PAUSE', '900', 'ALL'));
  await say(gateway, agent, 'slow');
  await comesTrue(async () => (await processed(backing, agent)).includes('slow'));
  await until(() => isSettled(backing, agent));
  const times = (await processed(backing, agent)).filter((value) => value === 'slow').length;
  return times <= 1 ? [] : [`one message was processed ${times} times`];
};

/** Whether it has noticed that something is away; one that does not answer has not said so. */
async function saysDegraded(url: string): Promise<boolean> {
  try {
    return (await send({ url }, 'GET /health')).body['status'] === 'degraded';
  } catch {
    return false;
  }
}

const QUESTION = 'find the report';

/** Shorter waits than in earnest: three tries take half a second. */
const QUICK = { STREAM_RETRY_MS: '100', STREAM_STALE_MS: '1000' };

const PROBES: Readonly<Record<string, Probe>> = {
  stale_cache: async (gateway) => {
    const workspace = randomUUID();
    await ask(gateway, QUESTION, workspace);
    await invalidateAll(gateway, workspace);
    const { tier } = await ask(gateway, QUESTION, workspace);
    return tier === 'none' ? [] : [`an invalidated answer was served from the ${String(tier)} tier`];
  },
  cache_served_after_write: async (gateway) => {
    const workspace = randomUUID();
    await ask(gateway, QUESTION, workspace);
    await ask(gateway, 'remember that the report is late', workspace);
    const { tier } = await ask(gateway, QUESTION, workspace);
    return tier === 'none' ? [] : [`an answer from before the write was served from the ${String(tier)} tier`];
  },
  local_only_cache: async (gateway, backing, planted) => {
    const workspace = randomUUID();
    const other = await startTestGateway(backing, planted);
    try {
      await until(async () => {
        await ask(other, QUESTION, workspace);
        return (await ask(other, QUESTION, workspace)).tier === 'local';
      });
      await invalidateAll(gateway, workspace);
      const isGone = await comesTrue(async () => (await ask(other, QUESTION, workspace)).tier === 'none');
      return isGone ? [] : ['another instance still serves an invalidated answer'];
    } finally {
      await other.stop();
    }
  },
  cache_key_without_tenant: async (gateway) => {
    await ask(gateway, QUESTION, randomUUID());
    const { tier } = await ask(gateway, QUESTION, randomUUID());
    return tier === 'none' ? [] : [`a workspace got what was made for another, from the ${String(tier)} tier`];
  },
  dlq_drop: poisonIsKept,
  stream_ack_before_work: async (gateway, backing) => {
    const agent = randomUUID();
    for (let value = 0; value < 11; value++) await say(gateway, agent, value);
    await until(() => isSettled(backing, agent));
    const stored = (await processed(backing, agent)).length;
    return stored === 11 ? [] : [`${11 - stored} of 11 acknowledged messages are not processed`];
  },
  stream_no_reclaim: leftByTheDead,
  stream_maxlen_trim: survivesPostgresAway({ messages: 120, read: false }),
  stream_noack: survivesPostgresAway({ messages: 10, read: true }),
  stream_double_add: slowRedis,
  exit_on_redis_loss: async (_gateway, backing, planted) => {
    const redis = await startRedis();
    const { child, exited, url } = await runGateway({ ...backing, redis }, { MUSTER_DEFECTS: planted.join(',') });
    try {
      await redis.stop();
      await until(async () => child.exitCode !== null || (await saysDegraded(url)));
      const isAlive = child.exitCode === null && (await isAnswered(`${url}/health/live`));
      return isAlive ? [] : ['the process ended when Redis went away'];
    } finally {
      child.kill('SIGKILL');
      await exited;
      await redis.dispose();
    }
  },
};

describeEffects(STREAMS_DEFECTS, PROBES, () => QUICK);
