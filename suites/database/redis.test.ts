import { check, closedLoop, fillText, NotMeasured, scenario, type SuiteRun } from '../../harness/index.ts';
import { inParallel, MODEST } from '../support/in-parallel.ts';
import {
  askRedis,
  clientsOf,
  commandCosts,
  costlyCommands,
  costsBetween,
  growthOf,
  keysLike,
  ofEach,
  slowLog,
} from '../support/redis-upkeep.ts';
import { sendMessage } from '../support/stream-ledger.ts';

/** The same work again and again: what grows with each round is not given back. */
const ROUNDS = 4;
const MIB = 1024 * 1024;
/** Cached answers that are looked at. */
const ANSWERS = 30;

/** Rounds of messages, and of executions where they are bound; what Redis counted meanwhile. */
const worked = scenario(async (run) => {
  const [url, targetUrl] = [await run.adminUrl('redis'), (await run.service('redis')).url];
  const before = await askRedis(url, 'command statistics', commandCosts);
  const clients: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { done, scheduled } = await work(run, round);
    if (done < scheduled / 2)
      throw new NotMeasured(`only ${done} of ${scheduled} messages were taken: what the target does with Redis was not to be seen`);
    clients.push((await askRedis(url, 'its clients', (redis) => clientsOf(redis, targetUrl))).target.length);
  }
  return askRedis(url, 'command statistics, its slow log and its clients', async (redis) => ({
    clients,
    names: await clientsOf(redis, targetUrl),
    costs: costsBetween(before, await commandCosts(redis)),
    slow: await slowLog(redis, 3),
  }));
});

async function work(run: SuiteRun, round: number): Promise<{ readonly done: number; readonly scheduled: number }> {
  const workspace = run.workspace();
  const agents = Math.min(MODEST, run.spec.workload.agents);
  const { byOutcome, scheduled } = await closedLoop({
    agents,
    perAgent: Math.ceil(run.sized({ quick: 32, full: 120 }) / agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const { outcome } = await sendMessage(run, { agent: `upkeep-${round}-${index % 4}`, workspace, signal });
      if (run.target.has('execute')) await run.target.execute({ text: `upkeep ${index % 8}`, workspace }, { signal });
      return { outcome };
    },
  });
  return { done: byOutcome.ok + byOutcome.degraded, scheduled };
}

check('database.redis.slow_commands', async (run) => {
  const { costs, names, slow, window } = await worked(run);
  const found = costlyCommands(costs);
  // Redis counts commands of everybody together.
  if (found[0] !== undefined && names.others.length > 0)
    throw new NotMeasured(
      `${found[0].sentence}; ${names.others.length} connections of others, of another user or in another database, are open to the same Redis, and which of them sent it cannot be told`,
    );
  const calls = [...costs.values()].reduce((sum, cost) => sum + cost.calls, 0);
  return {
    window,
    observation: {
      kind: 'count',
      trials: calls,
      count: found.reduce((sum, { count }) => sum + count, 0),
      examples: found.slice(0, 5).map(({ sentence }) => sentence),
    },
    witnesses: [
      { source: 'redis', saw: `${calls} commands of ${costs.size} kinds while messages were sent and executed` },
      { source: 'slow log', saw: slow.length === 0 ? 'nothing' : slow.join(' | ') },
    ],
  };
});

check('database.redis.clients', async (run) => {
  const { clients, names, window } = await worked(run);
  const byName = new Map<string, number>();
  for (const name of names.target) byName.set(name, (byName.get(name) ?? 0) + 1);
  return {
    window,
    observation: { kind: 'level', unit: 'count', samples: [growthOf(clients)], worst: 'max' },
    witnesses: [
      {
        source: 'redis',
        saw: `connections of the target after each round of the same work: ${clients.join(', ')}; ${names.others.length} of others are left out`,
      },
      { source: 'redis', saw: [...byName].map(([name, count]) => `${count} × ${name === '' ? 'without a name' : name}`).join(', ') },
    ],
  };
});

check('database.redis.ttl', async (run) => {
  const { read, keys: pattern = '' } = run.target.requireBinding('cache');
  const [url, workspace] = [await run.adminUrl('redis'), run.workspace()];
  const questions = Array.from({ length: ANSWERS }, (_, index) => `what is kept of number ${index} in ${workspace}`);
  const own = fillText(pattern, { workspace });
  // Where the pattern names no workspace, what others keep under such keys is there before.
  const there = await askRedis(url, 'keys', (redis) => keysLike(redis, own));
  if (!there.isAll) throw new NotMeasured(`so many keys match \`cache.keys\` (${own}) that the new ones cannot be told from the others`);
  const before = new Set(there.keys);
  await inParallel(questions, { width: MODEST, signal: run.signal }, (text) =>
    run.target.request(read.http, { text, workspace, value: '' }),
  );
  const { keys, ends } = await askRedis(url, 'keys and their ends', async (redis) => {
    const added = (await keysLike(redis, own)).keys.filter((key) => !before.has(key));
    return { keys: added, ends: await ofEach(redis, added, ['TTL']) };
  });
  if (keys.length === 0)
    throw new NotMeasured(`${ANSWERS} questions were answered, and no key came of it that matches \`cache.keys\` (${own})`);
  const endless = keys.filter((_, index) => ends[index] === -1);
  return {
    evidence: 'measured',
    observation: {
      kind: 'count',
      trials: keys.length,
      count: endless.length,
      examples: endless.slice(0, 5).map((key) => `${key} has no end`),
    },
    witnesses: [
      {
        source: 'redis',
        saw: `${keys.length} kept answers, ${endless.length} without an end; the longest still has ${Math.max(0, ...ends)} s`,
      },
    ],
  };
});

check('database.redis.big_keys', async (run) => {
  const { window } = await worked(run);
  const { keys, sizes, isAll } = await askRedis(await run.adminUrl('redis'), 'keys and their sizes', async (redis) => {
    const found = await keysLike(redis, '*');
    return { ...found, sizes: await ofEach(redis, found.keys, ['MEMORY', 'USAGE']) };
  });
  const biggest = keys
    .map((key, index) => ({ key, mib: (sizes[index] ?? 0) / MIB }))
    .toSorted((one, other) => other.mib - one.mib)
    .slice(0, 5);
  return {
    window: { startMs: window.startMs, endMs: run.now() },
    observation: { kind: 'level', unit: 'mb', samples: sizes.map((size) => size / MIB), worst: 'max' },
    witnesses: [
      { source: 'redis', saw: `${isAll ? 'all' : 'the first'} ${keys.length} keys were looked at` },
      { source: 'redis', saw: `the biggest: ${biggest.map(({ key, mib }) => `${key} ${mib.toFixed(3)} MiB`).join(', ')}` },
    ],
  };
});
