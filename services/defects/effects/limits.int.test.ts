import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { Client } from 'pg';
import { append, createAgent, send } from '../../testing/client.ts';
import { alone, describeEffects, shows, type Probe } from '../../testing/effects.ts';
import { startTestGateway, until, type Backing, type Gateway } from '../../testing/stack.ts';
import { onRedis, query } from '../../testing/stores.ts';
import { LIMITS_DEFECTS } from '../tables/limits.ts';

const MIB = 1024 * 1024;

const execute = (gateway: Gateway, text: string) => send(gateway, 'POST /api/v1/patterns/execute', { body: { query: text } });

/** So many executions, one after the other; the time of each. */
async function executions(gateway: Gateway, count: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const startedAtMs = performance.now();
    await execute(gateway, 'status of the limits');
    times.push(performance.now() - startedAtMs);
  }
  return times;
}

async function connections({ postgres }: Backing): Promise<number> {
  const { rows } = await query(postgres.adminUrl, `select count(*)::int as count from pg_stat_activity where application_name = 'gateway'`);
  return Number(rows[0]?.['count']);
}

const redisMib = ({ redis }: Backing): Promise<number> =>
  onRedis(redis.url, async (connection) => Number(/used_memory:(\d+)/.exec(await connection.info('memory'))?.[1]) / MIB);

/** How long it took to add an agent's messages, and how long after that the last was processed; the id of an entry begins with its time. */
const ADDED_AND_DONE = `
  select max(added) - min(added) as adding, extract(epoch from max(processed_at)) * 1000 - max(added) as after
  from (select split_part(stream_id, '-', 1)::bigint as added, processed_at from agent_stream_messages where agent = $1) as messages`;

const isProcessed = async ({ postgres }: Backing, agent: string, count: number): Promise<boolean> =>
  (await query(postgres.adminUrl, 'select from agent_stream_messages where agent = $1', [agent])).rows.length >= count;

const say = (gateway: Gateway, agent: string) =>
  send(gateway, 'POST /api/v1/messages', { body: { from_agent: 'probe', to_agent: agent, type: 't', payload: { value: randomUUID() } } });

const openDevNull = (): number =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`) === '/dev/null';
    } catch {
      return false; // the one that the folder was read with
    }
  }).length;

/** Threads of this process at the lowest priority that are at work, or would be if they were let. */
function yieldingThreads(): number {
  const states = readdirSync('/proc/self/task').map((task) =>
    readFileSync(`/proc/self/task/${task}/stat`, 'utf8')
      .replace(/^.*\) /su, '')
      .split(' '),
  );
  // State is the third field of the line, nice the nineteenth.
  return states.filter((fields) => fields[0] === 'R' && fields[16] === '19').length;
}

/** The fastest of several: what a healthy service does at once on any machine. */
const fastest = (times: readonly number[]): number => Math.min(...times);

const described = (found: boolean, what: string): readonly string[] => (found ? [what] : []);

const overload: Probe = async (gateway, { postgres }) => {
  const agent = await createAgent(gateway);
  const admin = new Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query('begin; lock table agent_messages in access exclusive mode');
  const asked = Array.from({ length: 180 }, (_, index) => append(gateway, agent, `v${index}`));
  const answers = await Promise.all(asked);
  await admin.query('rollback');
  await admin.end();
  const refused = answers.filter(({ body }) => (body['error'] as { readonly code?: unknown } | undefined)?.code === 'overloaded').length;
  return described(refused === 0, 'all of 180 requests that have to wait were taken in');
};

describeEffects(LIMITS_DEFECTS, {
  match_slow: async (gateway) => {
    const told: number[] = [];
    for (let index = 0; index < 9; index++) {
      const { body } = await execute(gateway, 'status of the matching');
      told.push(Number((body['stage_ms'] as Readonly<Record<string, unknown>>)['match']));
    }
    return described(fastest(told) >= 20, `matching took ${fastest(told)} ms at least`);
  },
  health_slow: async (gateway) => {
    const times: number[] = [];
    for (let index = 0; index < 5; index++) {
      const startedAtMs = performance.now();
      await send(gateway, 'GET /health');
      times.push(performance.now() - startedAtMs);
    }
    return described(fastest(times) >= 240, `health took ${fastest(times)} ms at least`);
  },
  connection_hog: async (_, backing, planted) =>
    described(await shows(async () => (await connections(backing)) > 30, planted), 'more than 30 connections'),
  redis_bloat: async (_, backing, planted) =>
    described(await shows(async () => (await redisMib(backing)) > 192, planted), 'Redis holds more than 192 MiB'),
  cpu_burn: async (gateway, _, planted) => {
    await send(gateway, 'GET /api/v1/stats');
    return described(await shows(async () => yieldingThreads() > 0, planted), 'a thread that only takes what others leave is at work');
  },
  memory_hog: async () => described(process.memoryUsage().arrayBuffers > 800 * MIB, 'more than 800 MiB of buffers'),
  stream_consumer_slow: async (gateway, backing) => {
    const agent = randomUUID();
    // What is too much at once is refused; the rest will do.
    let accepted = 0;
    for (let round = 0; round < 5; round++) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => say(gateway, agent)));
      accepted += answers.filter(({ status }) => status === 201).length;
    }
    await until(() => isProcessed(backing, agent, accepted));
    const [row] = (await query(backing.postgres.adminUrl, ADDED_AND_DONE, [agent])).rows;
    const [addingMs, afterMs] = [Number(row?.['adding']), Number(row?.['after'])];
    return described(afterMs > 2 * addingMs, `${accepted} messages were added in ${addingMs} ms and done ${afterMs} ms later`);
  },
  stream_polled: async (gateway, backing) => {
    const agent = randomUUID();
    const times: number[] = [];
    for (let index = 0; index < 6; index++) {
      await say(gateway, agent);
      const startedAtMs = performance.now();
      await until(() => isProcessed(backing, agent, index + 1));
      times.push(performance.now() - startedAtMs);
    }
    return described(fastest(times) > 400, `a message waited ${fastest(times)} ms at least`);
  },
  slow_boot: alone(async (backing, planted) => {
    const startedAtMs = performance.now();
    const gateway = await startTestGateway(backing, planted);
    const tookMs = performance.now() - startedAtMs;
    await gateway.stop();
    return described(tookMs > 10_000, `it was ready after ${tookMs} ms`);
  }),
  overload_collapse: overload,
  uneven_latency: async (gateway) => {
    const times = await executions(gateway, 8);
    return described(fastest(times) > 100, `right after the start executions took ${fastest(times)} ms at least`);
  },
  memory_leak: async (gateway) => {
    const before = process.memoryUsage().arrayBuffers;
    await executions(gateway, 200);
    const grown = (process.memoryUsage().arrayBuffers - before) / MIB;
    return described(grown > 10, `${grown} MiB more after 200 executions`);
  },
  descriptor_leak: async (gateway) => {
    const before = openDevNull();
    await executions(gateway, 100);
    return described(openDevNull() > before + 3, 'files stay open');
  },
  connection_creep: async (gateway, backing) => {
    const agent = await createAgent(gateway);
    await Promise.all(Array.from({ length: 100 }, (_, index) => append(gateway, agent, `first ${index}`)));
    const before = await connections(backing);
    for (let round = 0; round < 60; round++)
      await Promise.all(Array.from({ length: 10 }, (_, index) => append(gateway, agent, `v${round}-${index}`)));
    return described((await connections(backing)) > before + 1, 'connections stay open');
  },
  latency_creep: async (gateway) => {
    const times = await executions(gateway, 600);
    const [first, last] = [fastest(times.slice(0, 100)), fastest(times.slice(-100))];
    return described(last > first + 8, `from ${first} ms to ${last} ms at least`);
  },
});
