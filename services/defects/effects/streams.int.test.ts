import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { send, type Answer } from '../../testing/client.ts';
import { describeEffects, type Probe } from '../../testing/effects.ts';
import { runGateway } from '../../testing/program.ts';
import { startTestGateway, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { onRedis, query, startRedis } from '../../testing/stores.ts';
import { STREAMS_DEFECTS } from '../tables/streams.ts';

type To = Pick<Gateway, 'url'>;

/** Whether it becomes true while a healthy gateway would long have made it so. */
async function comesTrue(holds: () => Promise<boolean>, withinMs = 5000): Promise<boolean> {
  const endsAtMs = performance.now() + withinMs;
  while (performance.now() < endsAtMs) {
    if (await holds()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

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

/** Messages are sent and read while the database is away; they must be there when it is back. */
function survivesPostgresAway(messages: number): Probe {
  return async (gateway, backing) => {
    const agent = randomUUID();
    await say(gateway, agent, 'first');
    await until(async () => (await processed(backing, agent)).length === 1);
    await backing.postgres.stop();
    const values = Array.from({ length: messages }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value) => say(gateway, agent, value)));
    await comesTrue(async () => (await groupState(backing, agent)).isRead, 3000);
    await backing.postgres.start();
    const acknowledged = values.filter((_, index) => answers[index]?.status === 201);
    if (acknowledged.length < messages) return [`${messages - acknowledged.length} messages were refused`];
    const missing = async (): Promise<readonly string[]> => {
      const stored = new Set(await processed(backing, agent));
      return acknowledged.filter((value) => !stored.has(value));
    };
    await comesTrue(async () => (await missing()).length === 0);
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
  const isTaken = await comesTrue(async () => (await processed(backing, agent)).length === 1, 2500);
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
    return left === 1 || ((await groupState(backing, agent).catch(() => null))?.isRead === true && (await isSettled(backing, agent)));
  });
  const kept = await onItsRedis(backing, (connection) => connection.xlen(`dlq:agent_messages:${agent}`));
  return kept === 1 ? [] : ['a message that cannot be processed is nowhere'];
};

async function isSettled(backing: Backing, agent: string): Promise<boolean> {
  return (await groupState(backing, agent)).pending === 0;
}

/** Everything stands still for longer than a command may take, in the middle of sending. */
const slowRedis: Probe = async (gateway, backing) => {
  const agent = randomUUID();
  await say(gateway, agent, 'first');
  await until(async () => (await processed(backing, agent)).length === 1);
  await onItsRedis(backing, (connection) => connection.call('CLIENT', 'PAUSE', '900', 'ALL'));
  await say(gateway, agent, 'slow');
  await comesTrue(async () => (await processed(backing, agent)).includes('slow'), 3000);
  await until(async () => {
    const { isRead, pending } = await groupState(backing, agent);
    return isRead && pending === 0;
  });
  const times = (await processed(backing, agent)).filter((value) => value === 'slow').length;
  return times <= 1 ? [] : [`one message was processed ${times} times`];
};

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
      const isGone = await comesTrue(async () => (await ask(other, QUESTION, workspace)).tier === 'none', 1000);
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
    await comesTrue(async () => (await processed(backing, agent)).length === 11, 3000);
    const stored = (await processed(backing, agent)).length;
    return stored === 11 ? [] : [`${11 - stored} of 11 acknowledged messages are not processed`];
  },
  stream_no_reclaim: leftByTheDead,
  stream_maxlen_trim: survivesPostgresAway(120),
  stream_noack: survivesPostgresAway(10),
  stream_double_add: slowRedis,
  exit_on_redis_loss: async (_gateway, backing, planted) => {
    const redis = await startRedis();
    const { child, exited } = await runGateway({ ...backing, redis }, { MUSTER_DEFECTS: planted.join(',') });
    try {
      await redis.stop();
      const hasEnded = await comesTrue(async () => child.exitCode !== null, 1500);
      return hasEnded ? ['the process ended when Redis went away'] : [];
    } finally {
      child.kill('SIGKILL');
      await exited;
      await redis.dispose();
    }
  },
};

describeEffects(STREAMS_DEFECTS, PROBES, () => QUICK);
