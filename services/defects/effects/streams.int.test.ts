import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { entriesIn, groupState, isSettled, onItsRedis, processed, say } from '../../testing/agent-streams.ts';
import { send, type Answer } from '../../testing/client.ts';
import { alone, comesTrue, describeEffects, shows, type Probe } from '../../testing/effects.ts';
import { answers as isAnswered, runGateway } from '../../testing/program.ts';
import { startTestGateway, until, type Gateway } from '../../testing/stack.ts';
import { startRedis } from '../../testing/stores.ts';
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

/** Messages are sent while the database is away; they must be there when it is back. */
function survivesPostgresAway(messages: number): Probe {
  return async (gateway, backing) => {
    const agent = randomUUID();
    await say(gateway, agent, 'first');
    await until(async () => (await processed(backing, agent)).length === 1);
    await backing.postgres.stop();
    const values = Array.from({ length: messages }, (_, index) => `v${index}`);
    const answers = await Promise.all(values.map((value) => say(gateway, agent, value)));
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

/** A backlog comes at once, and is read while the database is away. */
const backlogAtAnOutage: Probe = async (gateway, backing) => {
  const agent = randomUUID();
  await say(gateway, agent, 'first');
  await until(async () => (await processed(backing, agent)).length === 1);
  await backing.postgres.stop();
  await onItsRedis(backing, async (connection) => {
    const adding = connection.multi();
    const fields = ['from_agent', 'x', 'type', 't', 'payload', '{"value":"late"}'];
    for (let count = 0; count < 30; count++) adding.xadd(`agent_messages:${agent}`, '*', 'message_id', randomUUID(), ...fields);
    await adding.exec();
  });
  await until(async () => (await groupState(backing, agent)).isRead);
  await backing.postgres.start();
  await until(() => isSettled(backing, agent));
  await comesTrue(async () => (await processed(backing, agent)).length === 31, 2_000);
  const missing = 31 - (await processed(backing, agent)).length;
  return missing === 0 ? [] : [`${missing} of a backlog of 30 are not processed`];
};

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

/** While an answer is made it is told to be forgotten, in one of many tries; who asks next must not get it. */
const keptAfterWrite: Probe = async (gateway) => {
  for (let turn = 0; turn < 100; turn += 1) {
    const workspace = randomUUID();
    const asking = made(gateway, workspace);
    await setTimeout(turn % 10);
    const toldAt = performance.now();
    await invalidateAll(gateway, workspace);
    const { sinceAt } = await asking;
    if (sinceAt >= toldAt) continue;
    const { tier } = await ask(gateway, QUESTION, workspace);
    if (tier !== 'none') return [`an answer that was made during an invalidation was served from the ${String(tier)} tier`];
  }
  return [];
};

/** Since when, at the latest, the answer was being made. */
async function made(gateway: To, workspace: string): Promise<{ readonly sinceAt: number }> {
  const { body } = await send(gateway, 'POST /api/v1/patterns/execute', {
    headers: { 'x-workspace-id': workspace },
    body: { query: QUESTION },
  });
  const { execute } = body['stage_ms'] as { readonly execute: number };
  return { sinceAt: performance.now() - execute };
}

/** Shorter waits than in earnest: three tries take half a second. */
const QUICK = { STREAM_RETRY_MS: '100', STREAM_STALE_MS: '1000' };

const PROBES: Parameters<typeof describeEffects>[1] = {
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
  cache_stampede: async (gateway) => {
    const workspace = randomUUID();
    const tiers = await Promise.all(Array.from({ length: 20 }, async () => (await ask(gateway, QUESTION, workspace)).tier));
    const times = tiers.filter((tier) => tier === 'none').length;
    return times === 1 ? [] : [`an answer was made ${times} times for those who asked at once`];
  },
  cache_kept_after_write: keptAfterWrite,
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
  stream_maxlen_trim: survivesPostgresAway(120),
  stream_noack: backlogAtAnOutage,
  stream_double_add: slowRedis,
  stream_overtaken: async (gateway, backing) => {
    const agent = randomUUID();
    const values = Array.from({ length: 12 }, (_, index) => `v${index}`);
    for (const value of values) await say(gateway, agent, value);
    await until(async () => (await processed(backing, agent)).length === values.length);
    const inOrder = await entriesIn(backing, agent);
    return inOrder.join() === values.join() ? [] : [`the stream holds ${inOrder.join()}`];
  },
  stream_set_aside: async (gateway, backing) => {
    const agent = randomUUID();
    for (let value = 0; value < 45; value++) await say(gateway, agent, value);
    const isStored = await comesTrue(async () => (await processed(backing, agent)).length === 45);
    return isStored ? [] : ['a message waits although those that came after it are stored'];
  },
  stream_in_bulk: async (gateway, backing) => {
    const agent = randomUUID();
    await say(gateway, agent, 'first');
    const isStored = await comesTrue(async () => (await processed(backing, agent)).length === 1, 2_000);
    return isStored ? [] : ['a message waits for the consumer to look'];
  },
  cache_without_end: async (gateway, backing) => {
    const workspace = randomUUID();
    for (const question of ['find the report', 'find the plan']) await ask(gateway, question, workspace);
    return onItsRedis(backing, async (connection) => {
      const keys = await connection.keys(`cache:exec:${workspace}:*`);
      const ends = await Promise.all(keys.map((key) => connection.ttl(key)));
      return keys.filter((_, index) => ends[index] === -1).map((key) => `${key} has no end`);
    });
  },
  redis_history_in_one_key: async (_gateway, backing, planted) => {
    const isThere = await shows(async () => (await onItsRedis(backing, (connection) => connection.llen('history:all'))) >= 14, planted);
    return isThere ? ['14 MiB are in one key'] : [];
  },
  redis_keys_listed: async (gateway, backing) => {
    await onItsRedis(backing, (connection) => connection.config('RESETSTAT'));
    await say(gateway, randomUUID(), 'first');
    const info = await onItsRedis(backing, (connection) => connection.info('commandstats'));
    return info.includes('cmdstat_keys:') ? ['all keys were listed'] : [];
  },
  redis_connections_kept: async (gateway, backing) => {
    const clients = () =>
      onItsRedis(
        backing,
        async (connection) =>
          String(await connection.client('LIST'))
            .trim()
            .split('\n').length,
      );
    const before = await clients();
    for (let value = 0; value < 30; value++) await say(gateway, randomUUID(), value);
    const grown = (await clients()) - before;
    return grown > 0 ? [`${grown} more connections`] : [];
  },
  exit_on_redis_loss: alone(async (backing, planted) => {
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
  }),
};

describeEffects(STREAMS_DEFECTS, PROBES, () => QUICK);
